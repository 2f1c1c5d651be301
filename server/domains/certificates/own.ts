import type { TeamCtx, TeamTx } from '../../platform/access/ctx.js'
import type { DomainsRow, OwnCertificatesRow, SitesRow } from '../../platform/db/tables.js'
import { notFound } from '../../platform/errors.js'
import { append } from '../../platform/events/append.js'
import type { EventType } from '../../platform/events/event.js'
import { isId } from '../../platform/ids.js'
import type { Secret } from '../../platform/secret.js'
import { refuseUnless } from '../../platform/verdict.js'
import { findLocked, siteCan } from '../../sites/sites.js'
import { deleteChallenge } from '../dns-challenges/challenge-queries.js'
import type { Front } from '../edges/front.js'
import { requestServing } from '../jobs.js'
import { maybeDomain, touchFront } from '../queries.js'
import { ring } from '../ring.js'
import * as queries from './own-queries.js'
import { type Checked, checkCertificate } from './own-rules.js'
import type { NewCertificate } from './own-schema.js'

/** Certificates that somebody has from elsewhere. Caddy gets none for a domain that has one. */

/** In place of the one that it has. */
export const giveCertificate = (ctx: TeamCtx, slug: string, id: string, given: NewCertificate): Promise<void> =>
  change(ctx, slug, id, 'domain.certificate-given', async (tx, domain) => {
    const checked = checkCertificate(given, domain.name, ctx.now())
    await putCertificate(tx, domain, { ...checked, privateKey: given.privateKey, source: 'given' })
    await deleteChallenge(tx, id)
    return { issuer: checked.issuer }
  })

/** Caddy gets one by itself again. */
export const takeCertificateAway = (ctx: TeamCtx, slug: string, id: string): Promise<void> =>
  change(ctx, slug, id, 'domain.certificate-removed', async (tx) => {
    if (!(await queries.deleteOwn(tx, id))) throw notFound('certificate')
    return {}
  })

async function change(
  ctx: TeamCtx,
  slug: string,
  id: string,
  type: EventType,
  work: (tx: TeamTx, domain: DomainsRow) => Promise<Record<string, unknown>>,
): Promise<void> {
  await ctx.transaction(async (tx) => {
    const site: SitesRow = await findLocked(tx, slug)
    refuseUnless(siteCan.change(site))
    const domain = await findDomain(tx, site.id, id)
    const data = await work(tx, domain)
    await bringOut(tx, domain)
    await append(tx, { type, subject: { kind: 'site', id: site.id }, data: { domain: domain.name, ...data } })
  })
}

/** In place of what is there; `bringOut` brings it to the edge. */
export async function putCertificate(
  tx: TeamTx,
  domain: Pick<DomainsRow, 'id'>,
  { chain, issuer, beginsAt, endsAt, privateKey, source }: Checked & Origin,
): Promise<void> {
  const { ctx } = tx
  await queries.putOwn(tx, {
    ...{ domain_id: domain.id, team_id: ctx.team.id, chain, issuer, begins_at: beginsAt, ends_at: endsAt, source },
    key_sealed: ctx.services.vault.seal(privateKey, ownKeyPlace(domain.id)),
    ...{ given_by: ctx.actor.name, given_at: ctx.now() },
  })
}

interface Origin {
  privateKey: Secret
  source: OwnCertificatesRow['source']
}

/** What has changed of its certificate. */
export async function bringOut(tx: TeamTx, { id, site_id }: Pick<DomainsRow, 'id' | 'site_id'>): Promise<void> {
  await queries.forgetSeen(tx, id)
  if (site_id) await touchFront(tx, site_id)
  ring(tx, requestServing)
}

async function findDomain(tx: TeamTx, siteId: string, id: string) {
  const domain = isId(id) && (await maybeDomain(tx, siteId, id))
  if (!domain) throw notFound('domain')
  return domain
}

export const ownKeyPlace = (domainId: string) => ({ table: 'own_certificates', id: domainId, column: 'key_sealed' })

/** With their keys, for the edge alone. */
export const ownCertificates = async (tx: TeamTx, siteId: string): Promise<Front['certificates']> =>
  (await queries.sealedOf(tx, siteId)).map(({ domain_id, name, chain, key_sealed }) => ({
    id: domain_id,
    name,
    chain,
    key: tx.ctx.services.vault.open(key_sealed, ownKeyPlace(domain_id)),
  }))
