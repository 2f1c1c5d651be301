import { isDeepStrictEqual } from 'node:util'
import type { TeamTx } from '../../platform/access/ctx.js'
import { newId } from '../../platform/ids.js'
import { lockCopies } from '../../sites/sites.js'
import { requestServing } from '../jobs.js'
import { maybeFront, touchFront } from '../queries.js'
import { ring } from '../ring.js'
import * as queries from './access-queries.js'
import { headersOf } from './headers.js'

/**
 * What stands before a site stands before its previews: passwords, headers, HTTPS only. Not its maintenance page, which is
 * for the visitors of the site while a preview is often what ends it; nor HSTS, two years about a name of some days.
 */

/** In the transaction of the change, so that no preview is open when its site is not. The caller holds the site. */
export async function updateFollowers(tx: TeamTx, siteId: string): Promise<void> {
  for (const copy of await lockCopies(tx, siteId)) await followFront(tx, siteId, copy.id)
}

/** The caller holds the copy, or has just made it. */
export async function followFront(tx: TeamTx, siteId: string, copyId: string): Promise<void> {
  const wanted = await followedOf(tx, siteId)
  if (isDeepStrictEqual(wanted, await followedOf(tx, copyId))) return
  const rows = wanted.visitors.map((one) => ({ ...one, id: newId(), team_id: tx.ctx.team.id, site_id: copyId }))
  await queries.replaceVisitors(tx, copyId, rows)
  await touchFront(tx, copyId, { headers: JSON.stringify(wanted.headers), force_https: wanted.forceHttps })
  ring(tx, requestServing)
}

async function followedOf(tx: TeamTx, siteId: string) {
  const front = await maybeFront(tx, siteId)
  const visitors = await queries.hashesOf(tx, siteId)
  return { visitors, headers: headersOf(front), forceHttps: front?.force_https ?? true }
}
