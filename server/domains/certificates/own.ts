import type { TeamCtx, TeamTx } from '../../platform/access/ctx.js'
import type { SitesRow } from '../../platform/db/tables.js'
import { notFound } from '../../platform/errors.js'
import { append } from '../../platform/events/append.js'
import type { EventType } from '../../platform/events/event.js'
import { isId } from '../../platform/ids.js'
import { refuseUnless } from '../../platform/verdict.js'
import { findLocked, siteCan } from '../../sites/sites.js'
import type { Front } from '../edges/front.js'
import { requestServing } from '../jobs.js'
import { maybeDomain, touchFront } from '../queries.js'
import { ring } from '../ring.js'
import * as queries from './own-queries.js'
import { checkCertificate } from './own-rules.js'
import type { NewCertificate } from './own-schema.js'

/** Certificates that somebody has from elsewhere. Caddy gets none for a domain that has one. */

/** In place of the one that it has. */
export const giveCertificate = (ctx: TeamCtx, slug: string, id: string, given: NewCertificate): Promise<void> =>
  change(ctx, slug, id, 'domain.certificate-given', async (tx, domain) => {
    const { chain, issuer, beginsAt, endsAt } = checkCertificate(given, domain.name, ctx.now())
    await queries.putOwn(tx, {
      domain_id: id,
      team_id: ctx.team.id,
      chain,
      key_sealed: ctx.services.vault.seal(given.privateKey, ownKeyPlace(id)),
      issuer,
      begins_at: beginsAt,
      ends_at: endsAt,
      given_by: ctx.actor.name,
      given_at: ctx.now(),
    })
    return { issuer }
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
  work: (tx: TeamTx, domain: { name: string }) => Promise<Record<string, unknown>>,
): Promise<void> {
  await ctx.transaction(async (tx) => {
    const site: SitesRow = await findLocked(tx, slug)
    refuseUnless(siteCan.change(site))
    const domain = await findDomain(tx, site.id, id)
    const data = await work(tx, domain)
    await queries.forgetSeen(tx, id)
    await touchFront(tx, site.id)
    ring(tx, requestServing)
    await append(tx, { type, subject: { kind: 'site', id: site.id }, data: { domain: domain.name, ...data } })
  })
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
