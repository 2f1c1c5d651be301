import { createHash, randomBytes } from 'node:crypto'
import type { TeamTx } from '../../platform/access/ctx.js'
import { UserError } from '../../platform/errors.js'
import { Secret } from '../../platform/secret.js'
import { startMs } from './rules.js'
import * as startQueries from './start-queries.js'

/** Who goes to GitHub and comes back: a word that only this browser's session can come back with, once, within an hour. */
export interface Start {
  /** What it is to install; null where the app is to be made. */
  readonly appId: string | null
  readonly webUrl: string
}

/** The cookie of a session; an API key has none, and cannot go to GitHub and come back. */
export type SessionCookie = string | undefined

/** Returns the word that goes to GitHub as `state`. Of it and of the session only the hashes are kept. */
export async function beginStart(tx: TeamTx, session: SessionCookie, { appId, webUrl }: Start): Promise<Secret> {
  const now = tx.ctx.now()
  const word = randomBytes(32).toString('base64url')
  await startQueries.deleteStartsBefore(tx, now)
  await startQueries.insertStart(tx, {
    ...{ hash: hashOf(word), team_id: tx.ctx.team.id, session_hash: hashOf(needed(session)) },
    ...{ github_app_id: appId, web_url: webUrl, created_at: now },
    expires_at: new Date(now.getTime() + startMs),
  })
  return new Secret(word)
}

/** @throws UserError 403, in the same words whatever is wrong with it */
export async function claimStart(tx: TeamTx, session: SessionCookie, word: string, isInstall: boolean): Promise<Start> {
  const claimed = await startQueries.claimStart(tx, {
    hash: hashOf(word),
    session_hash: hashOf(needed(session)),
    isInstall,
  })
  if (!claimed)
    throw new UserError(
      403,
      'This is not the end of something that you began here within the last hour',
      'Go to Connections and begin again.',
    )
  return { appId: claimed.github_app_id, webUrl: claimed.web_url }
}

/** What came of it was nothing, so it may be tried again. */
export const giveBackStart = (tx: TeamTx, word: string): Promise<void> => startQueries.giveBackStart(tx, hashOf(word))

function needed(session: SessionCookie): string {
  if (session === undefined) throw new UserError(403, 'GitHub is connected in a browser, where somebody is signed in')
  return session
}

/** SHA-256 is enough for 256 random bits. */
const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest()
