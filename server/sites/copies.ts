import { addressBySitesDomain, followFront } from '../domains/domains.js'
import type { TeamCtx, TeamTx } from '../platform/access/ctx.js'
import type { SitesRow } from '../platform/db/tables.js'
import { append } from '../platform/events/append.js'
import { newId } from '../platform/ids.js'
import { refuseUnless } from '../platform/verdict.js'
import { findServer } from '../servers/servers.js'
import { type AccessColumns, credentialPlace, openAccess, sealAccess } from './credentials.js'
import { busyPorts, insertPlaced } from './placing.js'
import * as queries from './queries.js'
import { siteCan } from './rules.js'

/** A site of a pull request: built and run as its site is, and of one commit. */
export interface Copy {
  readonly name: string
  readonly branch: string
  readonly commit: string
}

/** How a site is built and run; never its name, its address or its environment. */
const followed = [
  ...(['repository_url', 'repository_key', 'stack', 'node_version', 'root_folder'] as const),
  ...(['build_command', 'start_command', 'static_folder', 'release_command'] as const),
  ...(['health_path', 'health_deadline_seconds', 'drain_seconds', 'watch_seconds', 'memory_mb', 'cpus'] as const),
] as const satisfies readonly (keyof SitesRow)[]

/**
 * Makes the copy on the server of its site, with no variables and no deploy yet. `inside` may do more in the same
 * transaction, and whatever it throws makes none. Ports are asked for on the server first.
 */
export async function copySite(
  ctx: TeamCtx,
  originalId: string,
  inside: (tx: TeamTx, original: SitesRow) => Promise<Copy>,
  made: (tx: TeamTx, copy: SitesRow) => Promise<void>,
): Promise<void> {
  const server = await ctx.reading(async (tx) => findServer(tx, (await found(tx, originalId)).server_id))
  refuseUnless(siteCan.liveOn(server))
  const busy = await busyPorts(ctx, server)
  await ctx.transaction(async (tx) => {
    // Held, so that two never take the last place.
    const original = await queries.lockSite(tx, originalId)
    if (!original) throw new Error('The site is gone')
    const { name, branch, commit } = await inside(tx, original)
    const id = newId()
    await insertPlaced(tx, busy, {
      ...{ id, server_id: server.id, wanted_port: undefined, name, branch, pinned_commit: commit },
      ...{ runtime: server.runtime ?? 'process', edge: server.edge ?? 'direct', keep_releases: fewestReleases },
      preview_of: original.id,
      ...follow(original),
      ...accessOf(tx, original, id),
    })
    const data = { name, repository: original.repository_url, branch, server: server.name }
    await append(tx, { type: 'site.created', subject: { kind: 'site', id }, data })
    const copy = await found(tx, id)
    await followFront(tx, original.id, id)
    await addressBySitesDomain(tx, copy)
    await made(tx, copy)
  })
}

/** Nobody goes back to an old state of a pull request. */
const fewestReleases = 2

/** What was changed of the site since, and the commit that the next deploy takes. */
export async function updateCopy(
  tx: TeamTx,
  copyId: string,
  original: SitesRow,
  { branch, commit }: Omit<Copy, 'name'>,
): Promise<void> {
  const change = { ...follow(original), ...accessOf(tx, original, copyId), branch, pinned_commit: commit }
  await queries.updateSite(tx, copyId, change)
  await followFront(tx, original.id, copyId)
}

const follow = (original: SitesRow): Pick<SitesRow, (typeof followed)[number]> =>
  Object.fromEntries(followed.map((column) => [column, original[column]])) as Pick<SitesRow, (typeof followed)[number]> // `as`: these are its keys

function accessOf(tx: TeamTx, original: SitesRow, id: string): AccessColumns {
  const { vault } = tx.ctx.services
  return sealAccess(vault, openAccess(vault, original, credentialPlace(original.id)), credentialPlace(id))
}

async function found(tx: TeamTx, id: string): Promise<SitesRow> {
  const site = await queries.maybeSiteById(tx, id)
  if (!site) throw new Error('The site is gone')
  return site
}
