import { hash } from 'bcryptjs'
import type { TeamCtx, TeamTx } from '../../platform/access/ctx.js'
import type { SitesRow } from '../../platform/db/tables.js'
import { conflict, notFound } from '../../platform/errors.js'
import { append } from '../../platform/events/append.js'
import type { NewEvent } from '../../platform/events/event.js'
import { isId, newId } from '../../platform/ids.js'
import { refuseUnless } from '../../platform/verdict.js'
import { findLocked, siteCan } from '../../sites/sites.js'
import type { Access } from '../edges/access.js'
import { requestServing } from '../jobs.js'
import { maybeFront, touchFront } from '../queries.js'
import { ring } from '../ring.js'
import * as queries from './access-queries.js'
import type { MaintenanceChanges, NewVisitor } from './access-schema.js'
import { updateFollowers } from './following.js'
import { type Header, headersOf } from './headers.js'

/** What visitors of a site meet before they get it. */

/** The smallest that is still advised; each try of a visitor costs the server this work. */
const rounds = 10

/** Whoever is there already gets the new password. With the first one, nobody else gets in any more. */
export async function setVisitor(ctx: TeamCtx, slug: string, { username, password }: NewVisitor): Promise<void> {
  const password_hash = await hash(password.reveal(), rounds)
  await change(ctx, slug, async (tx, site) => {
    refuseBehindRelay(site)
    const row = { id: newId(), team_id: ctx.team.id, site_id: site.id, username, password_hash, changed_at: ctx.now() }
    await queries.putVisitor(tx, row)
    await touchFront(tx, site.id)
    return { type: 'site.visitor-set', data: { visitor: username } }
  })
}

/** With the last one, everybody gets in. */
export const removeVisitor = (ctx: TeamCtx, slug: string, id: string): Promise<void> =>
  change(ctx, slug, async (tx, site) => {
    const visitor = isId(id) ? await queries.deleteVisitor(tx, site.id, id) : undefined
    if (!visitor) throw notFound('visitor')
    await touchFront(tx, site.id)
    return { type: 'site.visitor-removed', data: { visitor: visitor.username } }
  })

export const changeHeaders = (ctx: TeamCtx, slug: string, headers: readonly Header[]): Promise<void> =>
  change(ctx, slug, async (tx, site) => {
    refuseBehindRelay(site)
    await touchFront(tx, site.id, { headers: JSON.stringify(headers) })
    return { type: 'site.headers-changed', data: { headers: headers.map(({ name }) => name) } }
  })

export const changeMaintenance = (ctx: TeamCtx, slug: string, { isOn, text }: MaintenanceChanges): Promise<void> =>
  change(ctx, slug, async (tx, site) => {
    refuseBehindRelay(site)
    const before = (await maybeFront(tx, site.id))?.in_maintenance ?? false
    await touchFront(tx, site.id, { in_maintenance: isOn, maintenance_text: text })
    const type = isOn === before ? 'text-changed' : isOn ? 'began' : 'ended'
    return { type: `site.maintenance-${type}` as const, data: {} }
  })

function refuseBehindRelay(site: SitesRow): void {
  if (site.edge === 'direct')
    throw conflict(
      'The relay in front of this site can do nothing of this',
      'Prepare the server with the edge “caddy”, then deploy the site.',
    )
}

async function change(
  ctx: TeamCtx,
  slug: string,
  work: (tx: TeamTx, site: SitesRow) => Promise<Omit<NewEvent, 'subject'>>,
): Promise<void> {
  await ctx.transaction(async (tx) => {
    const site = await findLocked(tx, slug)
    refuseUnless(siteCan.change(site))
    const event = await work(tx, site)
    await updateFollowers(tx, site.id)
    ring(tx, requestServing)
    await append(tx, { ...event, subject: { kind: 'site', id: site.id, name: site.name } })
  })
}

/** For the edge. */
export async function accessOf(tx: TeamTx, siteId: string): Promise<Access> {
  const front = await maybeFront(tx, siteId)
  const visitors = await queries.hashesOf(tx, siteId)
  return {
    users: visitors.map(({ username, password_hash }) => ({ name: username, hash: password_hash })),
    headers: headersOf(front),
    maintenance: front?.in_maintenance ? front.maintenance_text : null,
  }
}
