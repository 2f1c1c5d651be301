import type { IncomingMessage } from 'node:http'
import { LRUCache } from 'lru-cache'
import { accessOf, wholeTeam } from '../platform/access/access.js'
import { refuseClosed } from '../platform/access/closed.js'
import { TeamCtx } from '../platform/access/ctx.js'
import { isPermission } from '../platform/access/permissions.js'
import { UserError } from '../platform/errors.js'
import { appendInTeam } from '../platform/events/append.js'
import { addressOf } from '../platform/http/address.js'
import { isId } from '../platform/ids.js'
import { hashOfToken } from '../platform/link-token.js'
import type { Services } from '../platform/services.js'
import * as queries from './queries.js'
import { acts, mostPerMinute, tokenStart, usedEveryMs } from './rules.js'

/** What the authorizer asks of directories. */

type Ask = IncomingMessage & { readonly ip?: string }

/**
 * Knows a directory by its token, and counts what it asks; each web process counts for itself. Of a request nothing but
 * the token is looked at: a session or a key beside it is nobody (AK-05).
 */
export function knowDirectories(
  services: Services,
  most = mostPerMinute,
): (req: Ask, directory: string) => Promise<TeamCtx> {
  const asked = new LRUCache<string, number>({ max: 10_000, ttl: 60_000, noUpdateTTL: true })

  return async (req, directory) => {
    const token = /^bearer\s+(\S+)\s*$/i.exec(req.headers.authorization ?? '')?.[1]
    const known =
      token?.startsWith(tokenStart) && isId(directory) ? await usable(services, token, directory) : undefined
    if (!known) throw badToken()
    const times = (asked.get(directory) ?? 0) + 1
    asked.set(directory, times)
    if (times > most) throw new UserError(429, 'This directory asks too often', 'Wait a minute and go on.')
    const team = { id: known.team_id, slug: known.team_slug, name: known.team_name }
    refuseClosed(team, known.closed, acts.takesOut)

    const actor = { kind: 'directory', id: directory, name: known.connection_name } as const
    const address = addressOf(req)
    await noteUse(services, known, actor, address)
    const permissions = known.permissions.filter(isPermission)
    const held = { role: null, permissions, on: null }
    const access = accessOf(known.role === null ? [held] : [held, wholeTeam(known.role)], () => [])
    // It tells of people, whichever sites its token lets it give roles on.
    return TeamCtx.of(services, team, { actor, access, address, isWhole: true })
  }
}

const usable = ({ db, clock }: Services, token: string, directory: string) =>
  db.asIdentity((trx) => queries.maybeUsableToken(trx, hashOfToken(token), directory, clock()), 'read only')

/** Of each token the first use of a day is an event. */
async function noteUse(
  { db, clock }: Services,
  { id, team_id: teamId, last_used_at: before }: queries.UsableToken,
  actor: TeamCtx['actor'],
  address: string | null,
): Promise<void> {
  const now = clock()
  if (before !== null && now.getTime() - before.getTime() < usedEveryMs) return
  await db.asIdentity(async (trx) => {
    // Of two requests at once, one is the first.
    const isMine = (await queries.markUsed(trx, id, before, now)) === 1
    if (!isMine || before?.toISOString().slice(0, 10) === now.toISOString().slice(0, 10)) return
    const { id: connection, name } = actor
    const subject = { kind: 'sign-in-connection', id: connection, name }
    await appendInTeam(trx, teamId, actor, { type: 'directory.used', subject, data: { name }, address }, now)
  })
}

const badToken = () =>
  new UserError(
    401,
    'This token opens no directory',
    'It may be over, or of another one. Make a new one on the directory’s page of the sign-in connection.',
  )
