import type { TeamTx } from '../../platform/access/ctx.js'
import type { TransactionOf } from '../../platform/db/doors.js'
import type { Secret } from '../../platform/secret.js'
import type { Services } from '../../platform/services.js'
import { keyPlace } from './asking.js'
import { ensureInstallation } from './installing.js'
import { refreshInstallations } from './jobs.js'
import * as queries from './queries.js'
import * as repositoryQueries from './repository-queries.js'

/** What a delivery says of the app that it is for, before anybody knows whether it is genuine: whose secret to try. */
export interface AppHint {
  /** GitHub's numbers, of the app or else of the installation. */
  readonly app: string | null
  readonly installation: string | null
}

export interface SignedByApp {
  readonly id: string
  readonly team_id: string
  /** The app's own page, without its protocol: it stands where a repository stands. */
  readonly page: string
  readonly secret: Secret
  /** As with a connection: while the row has it, the secret is this one. */
  readonly sealed: string
}

/** Two GitHubs may have given the same number; more than a few are somebody's try. */
const mostCandidates = 1000

/** Which apps a delivery may be for. For the receiver alone: it tells by the signature. */
export async function appCandidates(
  services: Services,
  db: TransactionOf<'system'>,
  hints: readonly AppHint[],
): Promise<(hint: AppHint) => SignedByApp[]> {
  const numbers = hints.flatMap(({ app }) => app ?? [])
  const installed = hints.flatMap(({ app, installation }) => (app === null ? (installation ?? []) : []))
  const byApp = numbers.length === 0 ? [] : await queries.appsNumbered(db, numbers, mostCandidates)
  const byInstallation = installed.length === 0 ? [] : await queries.appsInstalledAs(db, installed, mostCandidates)
  const signer = ({ id, team_id, page_url, webhook_secret_sealed: sealed }: queries.KnownApp): SignedByApp => ({
    ...{ id, team_id, page: page_url.replace(/^https?:\/\//, ''), sealed },
    secret: services.vault.open(sealed, { ...keyPlace(id), column: 'webhook_secret_sealed' }),
  })
  return ({ app, installation }) =>
    app === null
      ? byInstallation.filter(({ number }) => number === installation).map(signer)
      : byApp.filter(({ app_id }) => app_id === app).map(signer)
}

/** What a signed delivery says of an installation, as far as it can be read. */
export interface HeardInstallation {
  readonly number: string
  readonly account: string
  readonly selection: 'all' | 'selected'
  readonly isGone: boolean
}

/** Whatever it says, GitHub is asked what is so: deliveries come in any order. */
export async function hearOfInstallation(tx: TeamTx, appId: string, heard: HeardInstallation): Promise<void> {
  const app = await queries.maybeApp(tx, appId)
  if (!app) return
  const known = await queries.maybeInstallationNumbered(tx, appId, heard.number)
  if (known) await queries.updateInstallation(tx, known.id, { refresh_at: tx.ctx.now() })
  else if (heard.isGone) return
  else {
    const { number: id, account, selection } = heard
    const said = { id, app_id: app.app_id, account: { login: account }, repository_selection: selection }
    await ensureInstallation(tx, app, said)
  }
  ring(tx)
}

/**
 * Whether an installation of the app reaches one of these repositories, and which. `not-yet`: GitHub tells of a push to
 * one that it did not tell us of before; it is asked, and the answer decides.
 */
export async function reachedBy(
  tx: TeamTx,
  appId: string,
  push: { repositoryKeys: readonly string[]; installation: string | null; receivedAt: Date },
): Promise<string | null | 'not-yet'> {
  const key = await repositoryQueries.maybeReachedBy(tx, appId, push.repositoryKeys)
  if (key || push.installation === null) return key ?? null
  const installation = await queries.maybeInstallationNumbered(tx, appId, push.installation)
  if (!installation || installation.suspended_at) return null
  if (installation.refreshed_at && installation.refreshed_at > push.receivedAt) return null
  if (installation.refresh_failures === 0) {
    await queries.updateInstallation(tx, installation.id, { refresh_at: tx.ctx.now() })
    ring(tx)
  }
  return 'not-yet'
}

/** A lost ring is not a lost installation: the next round finds it. */
function ring({ ctx, afterCommit }: TeamTx): void {
  const { queue, log } = ctx.services
  afterCommit(async () => {
    await queue
      .enqueue(refreshInstallations, {})
      .catch((error) => log.warn({ err: error }, 'could not ring for installations'))
  })
}
