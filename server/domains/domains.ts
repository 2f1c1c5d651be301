import type { TeamCtx, TeamTx } from '../platform/access/ctx.js'
import type { DomainsRow, FrontsRow, SitesRow } from '../platform/db/tables.js'
import { FieldError } from '../platform/errors.js'
import { append } from '../platform/events/append.js'
import { newId } from '../platform/ids.js'
import { refuseUnless } from '../platform/verdict.js'
import { findLocked, findSite, siteCan } from '../sites/sites.js'
import { updateFollowers } from './access/following.js'
import { refuseNeighbours, refuseOthers, tokenFor } from './claims.js'
import { findDomain } from './finding.js'
import { checkDomains, requestServing } from './jobs.js'
import { isWildcard, parentOf } from './names.js'
import * as queries from './queries.js'
import { ring } from './ring.js'
import { domainCan, nextPrimary } from './rules.js'
import type { DomainChanges, FrontChanges, NewDomain } from './schema.js'

export { accessOf } from './access/access.js'
export { followFront } from './access/following.js'
export { addressOf } from './address.js'
export { Names } from './dns/lookup.js'
export { freeDomain } from './freeing.js'
export { forgetFronts } from './fronts.js'
export { parseDomainName } from './names.js'
export { addressBySitesDomain } from './sites-domains.js'

/** Writes a name down for a site. It is the site's once it is proven; anybody's else who proves it first until then. */
export async function addDomain(ctx: TeamCtx, slug: string, { name, role, redirectStatus }: NewDomain) {
  await refuseOthers(ctx, name)
  return ctx.transaction(async (tx) => {
    const site = await findLocked(tx, slug)
    refuseUnless(siteCan.change(site))
    await refuseNeighbours(ctx, name, { id: site.id, by: 'domain:manage' })
    await refuseOwnTwice(tx, site, name)
    const others = await queries.domainsOf(tx, site.id)
    const isFirst = !others.some((other) => other.role === 'primary')
    const row = {
      id: newId(),
      team_id: ctx.team.id,
      site_id: site.id,
      name,
      parent: parentOf(name),
      role: isFirst && !isWildcard(name) ? ('primary' as const) : role,
      redirect_status: redirectStatus,
      token: tokenFor(ctx, name),
      check_due_at: ctx.now(),
      created_at: ctx.now(),
    }
    if (!(await queries.insertDomain(tx, row))) throw new FieldError('name', `Your team has ${name} already`)
    await changed(tx, site, 'domain.added', { domain: name })
    ring(tx, checkDomains, row.id)
    return findDomain(tx, site.id, row.id)
  })
}

async function refuseOwnTwice(tx: TeamTx, site: SitesRow, name: string): Promise<void> {
  const own = await queries.maybeNamed(tx, name)
  if (!own) return
  const where = own.site_id === site.id ? 'This site' : 'Another site of your team'
  throw new FieldError('name', `${where} has ${name} already`)
}

/** Serve, redirect, or take the place of the primary one. */
export const changeDomain = (ctx: TeamCtx, slug: string, id: string, change: DomainChanges): Promise<DomainsRow> =>
  ctx.transaction(async (tx) => {
    const site = await findLocked(tx, slug)
    refuseUnless(siteCan.change(site))
    const domain = await findDomain(tx, site.id, id)
    const { role = domain.role, redirectStatus = domain.redirect_status } = change
    if (role === domain.role && redirectStatus === domain.redirect_status) return domain
    if (domain.role === 'primary' && role !== 'primary')
      throw new FieldError('role', 'Make another name the primary one instead')
    if (role === 'primary') {
      refuseUnless(domainCan.bePrimary(domain))
      await stepDown(tx, site.id)
    }
    await queries.updateDomain(tx, id, { role, redirect_status: redirectStatus })
    await changed(tx, site, 'domain.updated', { domain: domain.name, role })
    return findDomain(tx, site.id, id)
  })

/** Who has come by the old name is led to the new one. */
async function stepDown(tx: TeamTx, siteId: string): Promise<void> {
  const primary = (await queries.domainsOf(tx, siteId)).find(({ role }) => role === 'primary')
  if (primary) await queries.updateDomain(tx, primary.id, { role: 'redirect' })
}

export const removeDomain = (ctx: TeamCtx, slug: string, id: string): Promise<DomainsRow> =>
  ctx.transaction(async (tx) => {
    const site = await findLocked(tx, slug)
    const domain = await findDomain(tx, site.id, id)
    refuseUnless(domainCan.remove(domain))
    await queries.deleteDomain(tx, id)
    const next = domain.role === 'primary' ? nextPrimary(await queries.domainsOf(tx, site.id)) : null
    if (next) await queries.updateDomain(tx, next.id, { role: 'primary' })
    await changed(tx, site, 'domain.removed', { domain: domain.name })
    return domain
  })

/** What holds for all names of a site. */
export const changeFront = (ctx: TeamCtx, slug: string, { forceHttps, hsts }: FrontChanges): Promise<FrontsRow> =>
  ctx.transaction(async (tx) => {
    const site = await findLocked(tx, slug)
    refuseUnless(siteCan.change(site))
    if (hsts && !forceHttps)
      throw new FieldError('hsts', 'Browsers that were told so refuse HTTP: switch “HTTPS only” on as well')
    await queries.touchFront(tx, site.id, { force_https: forceHttps, hsts })
    await updateFollowers(tx, site.id)
    ring(tx, requestServing)
    await append(tx, { type: 'domain.front-changed', subject: subjectOf(site), data: { forceHttps, hsts } })
    const front = await queries.maybeFront(tx, site.id)
    if (!front) throw new Error('The front is gone')
    return front
  })

/** Looks again, soon and not in this request: DNS may be slow. */
export const requestCheck = (ctx: TeamCtx, slug: string, id: string): Promise<DomainsRow> =>
  ctx.transaction(async (tx) => {
    const site = await findSite(tx, slug)
    const domain = await findDomain(tx, site.id, id)
    refuseUnless(domainCan.check(domain))
    await queries.updateDomain(tx, id, { check_due_at: ctx.now(), check_requested_at: ctx.now() })
    ring(tx, checkDomains, id)
    return findDomain(tx, site.id, id)
  })

type Change = 'domain.added' | 'domain.updated' | 'domain.removed'

async function changed(tx: TeamTx, site: SitesRow, type: Change, data: Record<string, unknown>): Promise<void> {
  await queries.touchFront(tx, site.id)
  ring(tx, requestServing)
  await append(tx, { type, subject: subjectOf(site), data })
}

const subjectOf = (site: SitesRow) => ({ kind: 'site', id: site.id, name: site.name })
