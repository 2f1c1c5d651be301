import { readFile } from 'node:fs/promises'
import { TeamCtx, type TeamTx } from '../platform/access/ctx.js'
import type { DomainsRow, FrontsRow } from '../platform/db/tables.js'
import { UserError } from '../platform/errors.js'
import { requestOperation } from '../platform/operations/request.js'
import { maybeTeam } from '../platform/operations/runner-queries.js'
import type { Services } from '../platform/services.js'
import { maybeSiteById } from '../sites/sites.js'
import { accessOf } from './access/access.js'
import { ownCertificates } from './certificates/own.js'
import { challengePath } from './challenge.js'
import type { Access } from './edges/access.js'
import type { Front } from './edges/front.js'
import * as fronts from './front-queries.js'
import { requestServing as declared } from './jobs.js'
import { isWildcard } from './names.js'
import { serveDomainsOperation } from './operations.js'
import * as queries from './queries.js'
import { ring } from './ring.js'
import { nextTry, partNames } from './rules.js'

/** The way of domains onto the edge. The row is the truth: it grows with each change, and is asked for until it is there. */

const atOnce = 200

/** Asks for the operation of every site whose edge does not have its names as they should be. */
export async function requestWaiting(services: Services): Promise<void> {
  const waiting = await services.db.asSystem((db) => fronts.waitingFronts(db, services.clock(), atOnce))
  for (const { site_id, team_id } of waiting) {
    const team = await services.db.asSystem((db) => maybeTeam(db, team_id))
    if (team) await TeamCtx.system(services, team).transaction((tx) => requestServing(tx, site_id))
  }
}

async function requestServing(tx: TeamTx, siteId: string): Promise<void> {
  const site = await maybeSiteById(tx, siteId)
  if (!(await fronts.lockFront(tx, siteId)) || !site || (await fronts.hasOpenOperation(tx, siteId))) return
  await requestOperation(tx, serveDomainsOperation, {
    input: { siteId },
    subject: `site:${siteId}`,
    title: `Set up what visitors of ${site.name} meet`,
  })
}

export interface Wanted {
  row: FrontsRow
  domains: readonly DomainsRow[]
  certificates: Front['certificates']
  access: Access
}

/** What the edge should have now, and which revision that is: whoever changes anything of it waits for the same row. */
export async function wantedFront(tx: TeamTx, siteId: string): Promise<Wanted | null> {
  const row = await fronts.lockFront(tx, siteId)
  if (!row) return null
  return {
    row,
    domains: await queries.domainsOf(tx, siteId),
    certificates: await ownCertificates(tx, siteId),
    access: await accessOf(tx, siteId),
  }
}

/** Pure. */
export function frontOf({ row, domains, certificates }: Wanted, acme: Front['acme']): Front {
  const { primary, showing, leading } = partNames(domains.filter(({ verified_at }) => verified_at !== null))
  return {
    serves: showing.map(({ name }) => name),
    redirects: leading.map(({ name, redirect_status }) => ({ name, status: redirect_status })),
    primary: primary?.name ?? null,
    forceHttps: row.force_https,
    hsts: row.hsts,
    challenges: domains
      .filter(({ name }) => !isWildcard(name))
      .map(({ id, name, token }) => ({ name, path: challengePath(id), body: token })),
    certificates,
    acme,
  }
}

/** @throws UserError where the operator has named a file that is not there */
export async function acmeOf({ config }: Services): Promise<Front['acme']> {
  const { url = null, email = null, rootFile = null, externalAccount = null } = config.acme ?? {}
  if (url === null && email === null) return null
  const rootPem = rootFile === null ? null : await readRoot(rootFile)
  return { url: url?.href ?? null, email, rootPem, externalAccount }
}

const readRoot = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch((cause: unknown) => {
    throw new UserError(
      500,
      'The root certificate of who makes certificates cannot be read',
      `Tell who runs the panel: HOSTLER_ACME_ROOT names ${file}.`,
      { cause },
    )
  })

/** So that a failure is told of what was tried, not of what came since. */
export const markTried = (tx: TeamTx, siteId: string, revision: number): Promise<void> =>
  fronts.updateFront(tx, siteId, { tried_revision: revision })

export const markApplied = (
  tx: TeamTx,
  siteId: string,
  { revision, edge, ca }: { revision: number; edge: string; ca: string | null },
): Promise<void> =>
  fronts.updateFront(tx, siteId, {
    applied_revision: revision,
    applied_edge: edge,
    applied_ca: ca,
    applied_at: tx.ctx.now(),
    failure: null,
    failure_hint: null,
    failures: 0,
    retry_at: null,
  })

export async function markFailed(
  tx: TeamTx,
  siteId: string,
  why: { message: string; hint: string | null },
): Promise<void> {
  const front = await fronts.lockFront(tx, siteId)
  if (!front) return
  const failures = front.failures + 1
  const retry_at = nextTry(failures, tx.ctx.now())
  await fronts.updateFront(tx, siteId, { failure: why.message, failure_hint: why.hint, failures, retry_at })
}

/** After another edge has taken over, or the edge has forgotten what it was told: it is asked for anew. */
export async function forgetFronts(tx: TeamTx, siteIds: readonly string[]): Promise<void> {
  await fronts.forgetApplied(tx, siteIds)
  ring(tx, declared)
}
