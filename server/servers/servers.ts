import type { TeamCtx, TeamTx } from '../platform/access/ctx.js'
import { conflict, FieldError, notFound } from '../platform/errors.js'
import { append } from '../platform/events/append.js'
import type { EventType } from '../platform/events/event.js'
import { newId } from '../platform/ids.js'
import { requestOperation } from '../platform/operations/request.js'
import { nthSlug, slugOf } from '../platform/slugs.js'
import { parseHostKey } from '../platform/ssh/host-key.js'
import { refuseUnless, type Verdict } from '../platform/verdict.js'
import { keyColumns, keyFor } from './keys.js'
import { localRoot } from './local-root.js'
import { checkServer, prepareServer, subjectOf } from './operations.js'
import * as queries from './queries.js'
import { defaultRoot, localName, reservedSlugs, serverCan } from './rules.js'
import type { NewServer, Preparation, ServerChanges } from './schema.js'

export { hostDoors } from './host-targets.js'
export type { ServerRow } from './queries.js'
export { choicesOf } from './rules.js'

const isId = (text: string): boolean => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)

/**
 * By its slug, or by its id as other rows name it.
 * @throws UserError 404, also for another team's server
 */
export async function findServer(tx: TeamTx, slugOrId: string): Promise<queries.ServerRow> {
  const server = await queries.maybeServer(tx, isId(slugOrId) ? { id: slugOrId } : { slug: slugOrId })
  if (!server) throw notFound('server')
  return server
}

/** Newest first, for choosing one. */
export const listServers = (tx: TeamTx, limit: number): Promise<queries.ServerRow[]> =>
  queries.serversPage(tx, null, limit)

/** Newest first, for a filter. */
export const serverNames = (tx: TeamTx, limit: number): Promise<Pick<queries.ServerRow, 'slug' | 'name'>[]> =>
  queries.newestNames(tx, limit)

export async function addServer(ctx: TeamCtx, wanted: NewServer): Promise<queries.ServerRow> {
  return wanted.kind === 'local' ? addLocal(ctx, wanted.name ?? localName) : addOverSsh(ctx, wanted)
}

type OverSsh = Extract<NewServer, { kind: 'ssh' }>

const addOverSsh = (ctx: TeamCtx, { name, address, port, user, root, ...key }: OverSsh): Promise<queries.ServerRow> =>
  ctx.transaction(async (tx) => {
    const place = { kind: 'ssh', address, port, username: user, root: root ?? defaultRoot } as const
    const server = await insert(tx, name, (id, slug) => ({
      ...place,
      ...keyColumns(ctx.services.vault, id, keyFor(slug, key)),
    }))
    await appendAbout(tx, server, 'server.added', { address, port, user })
    return server
  })

/** The machine that the panel runs on. It needs no key, so it is looked at right away. */
async function addLocal(ctx: TeamCtx, name: string): Promise<queries.ServerRow> {
  refuseUnless(await localVerdict(ctx))
  const root = await localRoot(ctx.services.config.dataFolder)
  return ctx.transaction(async (tx) => {
    const server = await insert(tx, name, () => ({ kind: 'local', root }))
    await appendAbout(tx, server, 'server.added', { local: true })
    await requestCheckOf(tx, server)
    return server
  })
}

/** Whether "This machine" can be offered. */
export async function localVerdict(ctx: TeamCtx): Promise<Verdict> {
  const { firstTeam, isThere } = await ctx.services.db.asSystem(queries.localAnywhere)
  const { isInContainer = false } = ctx.services.config
  return serverCan.addLocal({ isInContainer, isFirstTeam: firstTeam === ctx.team.id, isThere })
}

/** For the end of setup, so that a newcomer has a server without being asked. Does nothing where it cannot be one. */
export async function ensureLocalServer(ctx: TeamCtx): Promise<void> {
  if ((await localVerdict(ctx)).ok) await addLocal(ctx, localName)
}

type NewColumns = Omit<Parameters<typeof queries.insertServer>[1], 'id' | 'team_id' | 'slug' | 'name' | 'created_at'>

async function insert(
  tx: TeamTx,
  name: string,
  columns: (id: string, slug: string) => NewColumns,
): Promise<queries.ServerRow> {
  const id = newId()
  const base = slugOf(name, 'server', reservedSlugs)
  for (let number = 1; ; number++) {
    const slug = nthSlug(base, number)
    const row = { id, team_id: tx.ctx.team.id, slug, name, created_at: tx.ctx.now(), ...columns(id, slug) }
    if (await queries.insertServer(tx, row)) return findServer(tx, id)
  }
}

const asNew = {
  host_key: null,
  host_key_fingerprint: null,
  host_key_changed_to: null,
  checklist: null,
  status: 'new',
  status_message: null,
} as const

/** Another address is another machine until its host key is seen. */
export const updateServer = (ctx: TeamCtx, slugOrId: string, changes: ServerChanges): Promise<queries.ServerRow> =>
  ctx.transaction(async (tx) => {
    const server = await findServer(tx, slugOrId)
    const { name = server.name, address = server.address, port = server.port, user = server.username } = changes
    if (server.kind === 'local' && (changes.address || changes.port || changes.user || changes.key !== 'keep'))
      throw new FieldError('address', 'This machine is not reached over SSH')

    const isElsewhere = address !== server.address || port !== server.port
    await queries.updateServer(tx, server.id, {
      name,
      address,
      port,
      username: user,
      ...(isElsewhere ? asNew : {}),
      ...(changes.key === 'keep'
        ? {}
        : keyColumns(ctx.services.vault, server.id, keyFor(server.slug, { ...changes, key: changes.key }))),
    })
    const data = { address, port, user, newKey: changes.key !== 'keep', unpinned: isElsewhere }
    await appendAbout(tx, { ...server, name }, 'server.updated', data)
    return findServer(tx, server.id)
  })

/** Only when nothing of ours is on it. What Hostler put there stays; the page says where. */
export const removeServer = (ctx: TeamCtx, slugOrId: string, typedName: string): Promise<queries.ServerRow> =>
  ctx.transaction(async (tx) => {
    const { id, name } = await findServer(tx, slugOrId)
    if (typedName !== name) throw new FieldError('confirm', `Type “${name}” to remove it`)
    const server = await queries.lockServer(tx, id)
    if (!server) throw notFound('server')
    refuseUnless(serverCan.remove(server, await whatIsOn(tx, id)))

    await queries.deleteServer(tx, id)
    await appendAbout(tx, server, 'server.removed', {})
    // Asking for the door of a server that is gone closes it.
    tx.afterCommit(async () => void ctx.services.hosts.get(id).catch(() => undefined))
    return server
  })

/** Also the sites that the caller does not see: they would be left without a server as well. */
export async function whatIsOn(tx: TeamTx, serverId: string): Promise<{ sites: number; openOperations: number }> {
  const { services, team } = tx.ctx
  const sites = await services.db.asSystem((db) => queries.countSitesOn(db, team.id, serverId), 'read only')
  const operations = await queries.openOperationsOn(tx, subjectOf(serverId))
  return { sites, openOperations: operations.length }
}

/** `fingerprint` is the one that the person compared: another key, seen since, is not accepted by this. */
export const acceptNewHostKey = (ctx: TeamCtx, slugOrId: string, fingerprint: string): Promise<queries.ServerRow> =>
  ctx.transaction(async (tx) => {
    const server = await findServer(tx, slugOrId)
    if (server.host_key_fingerprint === fingerprint && !server.host_key_changed_to) return server
    const seen = server.host_key_changed_to && parseHostKey(server.host_key_changed_to)
    if (!seen || seen.fingerprint !== fingerprint)
      throw conflict(`${server.name} has not shown this key`, 'Compare the fingerprint that its page shows now.')

    if (!(await queries.acceptKey(tx, server.id, seen))) throw conflict(`The host key of ${server.name} changed again`)
    await appendAbout(tx, server, 'server.host-key-accepted', {
      before: server.host_key_fingerprint,
      fingerprint: seen.fingerprint,
    })
    return findServer(tx, server.id)
  })

/** @returns the id of the operation; of the one that runs already, when somebody was faster */
export const requestCheck = (ctx: TeamCtx, slugOrId: string): Promise<string> =>
  ctx.transaction(async (tx) => {
    const server = await findLocked(tx, slugOrId)
    return (await openOfKind(tx, server.id, checkServer.kind)) ?? requestCheckOf(tx, server)
  })

const requestCheckOf = async (tx: TeamTx, server: queries.ServerRow): Promise<string> =>
  requestOperation(tx, checkServer, {
    input: { serverId: server.id },
    subject: subjectOf(server.id),
    title: `Check ${server.name}`,
  })

/** Installs what these choices need. Asked twice it is one operation. */
export const requestPreparation = (ctx: TeamCtx, slugOrId: string, choices: Preparation): Promise<string> =>
  ctx.transaction(async (tx) => {
    const server = await findLocked(tx, slugOrId)
    const open = await openOfKind(tx, server.id, prepareServer.kind)
    if (open) return open
    refuseUnless(serverCan.work(server, { openOperations: 0 }))

    await queries.updateServer(tx, server.id, { status: 'preparing', status_message: null })
    const operationId = await requestOperation(tx, prepareServer, {
      input: { serverId: server.id, ...choices, before: server.status === 'ready' ? 'ready' : 'new' },
      subject: subjectOf(server.id),
      title: `Prepare ${server.name}`,
    })
    await appendAbout(tx, server, 'server.preparation-requested', { ...choices, operationId })
    return operationId
  })

/** Two people who press the same button wait for each other here. */
async function findLocked(tx: TeamTx, slugOrId: string): Promise<queries.ServerRow> {
  const { id } = await findServer(tx, slugOrId)
  const server = await queries.lockServer(tx, id)
  if (!server) throw notFound('server')
  return server
}

async function openOfKind(tx: TeamTx, serverId: string, kind: string): Promise<string | undefined> {
  const open = await queries.openOperationsOn(tx, subjectOf(serverId))
  return open.find((operation) => operation.kind === kind)?.id
}

const appendAbout = (
  tx: TeamTx,
  server: Pick<queries.ServerRow, 'id' | 'name'>,
  type: Extract<EventType, `server.${string}`>,
  data: Record<string, unknown>,
): Promise<string> =>
  append(tx, { type, subject: { kind: 'server', id: server.id }, data: { name: server.name, ...data } })
