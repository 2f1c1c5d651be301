import type { Knex } from 'knex'
import type { TeamTx } from '../platform/access/ctx.js'
import type { TransactionOf } from '../platform/db/doors.js'
import type { OperationsRow, ServerReadingsRow, ServersRow, SitesRow } from '../platform/db/tables.js'

type System = TransactionOf<'system'>

/** All but the sealed private key, which only the door to the machine reads. */
const columns = [
  'id',
  'team_id',
  'slug',
  'name',
  'kind',
  'address',
  'port',
  'username',
  'root',
  'public_key',
  'host_key_fingerprint',
  'host_key',
  'host_key_changed_to',
  'runtime',
  'edge',
  'status',
  'status_message',
  'checklist',
  'facts',
  'checked_at',
  'seen_at',
  'created_at',
] as const satisfies readonly (keyof ServersRow)[]

export type ServerRow = Omit<ServersRow, 'private_key_sealed' | 'boot_id' | 'relay_id'>

const ofTeam = (tx: TeamTx) => tx.db('servers').where({ team_id: tx.ctx.team.id })

export const maybeServer = (tx: TeamTx, by: { id: string } | { slug: string }): Promise<ServerRow | undefined> =>
  ofTeam(tx)
    .select(...columns)
    .where(by)
    .first()

/** Locked to the end of the transaction: no site can be put on it meanwhile. */
export const lockServer = (tx: TeamTx, id: string): Promise<ServerRow | undefined> =>
  ofTeam(tx)
    .select(...columns)
    .where({ id })
    .forUpdate()
    .first()

/** Newest first. */
export const serversPage = (
  tx: TeamTx,
  after: { createdAt: string; id: string } | null,
  limit: number,
): Promise<ServerRow[]> =>
  ofTeam(tx)
    .select(...columns)
    .modify((query) => {
      if (after) query.whereRaw('(created_at, id) < (?, ?)', [after.createdAt, after.id])
      const open = tx.ctx.openServers()
      if (open !== 'all') query.whereIn('id', [...open])
    })
    .orderBy([
      { column: 'created_at', order: 'desc' },
      { column: 'id', order: 'desc' },
    ])
    .limit(limit, { skipBinding: true })

export const newestNames = (tx: TeamTx, limit: number): Promise<Pick<ServersRow, 'slug' | 'name'>[]> =>
  ofTeam(tx)
    .select('slug', 'name')
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit, { skipBinding: true })

type NewServerRow = Knex.ResolveTableType<Knex.TableType<'servers'>, 'insert'>

/** False when the slug was taken in the same moment. */
export const insertServer = async (tx: TeamTx, row: NewServerRow): Promise<boolean> =>
  (await tx.db('servers').insert(row).onConflict(['team_id', 'slug']).ignore().returning('id')).length === 1

type ServerChange = Knex.ResolveTableType<Knex.TableType<'servers'>, 'update'>

export const updateServer = async (tx: TeamTx, id: string, change: ServerChange): Promise<boolean> =>
  (await ofTeam(tx).where({ id }).update(change)) === 1

export const deleteServer = async (tx: TeamTx, id: string): Promise<boolean> =>
  (await ofTeam(tx).where({ id }).delete()) === 1

export const markReady = async (tx: TeamTx, id: string, from: readonly ServersRow['status'][]): Promise<void> =>
  void (await ofTeam(tx)
    .where({ id })
    .whereIn('status', from)
    .update({ status: 'ready', status_message: null, seen_at: tx.ctx.now() }))

export const markNotPrepared = async (
  tx: TeamTx,
  id: string,
  { status, why }: { status: 'new' | 'ready'; why: string },
): Promise<void> => void (await ofTeam(tx).where({ id, status: 'preparing' }).update({ status, status_message: why }))

/** Pins the key that was shown, and only that one. */
export const acceptKey = async (tx: TeamTx, id: string, key: { line: string; fingerprint: string }): Promise<boolean> =>
  (await ofTeam(tx)
    .where({ id, host_key_changed_to: key.line })
    .update({ host_key: key.line, host_key_fingerprint: key.fingerprint, host_key_changed_to: null })) === 1

export const openOperationsOn = (tx: TeamTx, subject: string): Promise<Pick<OperationsRow, 'id' | 'kind'>[]> =>
  tx
    .db('operations')
    .select('id', 'kind')
    .where({ team_id: tx.ctx.team.id, subject })
    .whereIn('status', ['queued', 'running'])
    .orderBy('created_at')

/** Asked here: the feature of sites knows this one, so this one cannot ask it. */
export const sitesOn = (
  tx: TeamTx,
  serverId: string,
): Promise<Pick<SitesRow, 'id' | 'slug' | 'name' | 'state' | 'port'>[]> =>
  tx
    .db('sites')
    .select('id', 'slug', 'name', 'state', 'port')
    .where({ team_id: tx.ctx.team.id, server_id: serverId })
    .orderBy('name')
    .limit(200)

/** How many sites each of these servers has. */
export const siteCounts = (tx: TeamTx, serverIds: readonly string[]): Promise<{ server_id: string; sites: number }[]> =>
  tx
    .db('sites')
    .select('server_id', tx.db.raw('count(*)::int as sites'))
    .where({ team_id: tx.ctx.team.id })
    .whereIn('server_id', serverIds)
    .groupBy('server_id')

/** All of them, whoever asks. */
export const countSitesOn = async (db: System, teamId: string, serverId: string): Promise<number> => {
  const [row] = await db('sites').where({ team_id: teamId, server_id: serverId }).count({ sites: '*' })
  return Number(row?.sites)
}

/** Oldest first, at most one in `bucketSeconds`. */
export const readingsSince = (
  tx: TeamTx,
  serverId: string,
  since: Date,
  bucketSeconds: number,
): Promise<ServerReadingsRow[]> =>
  tx
    .db('server_readings')
    .distinctOn('bucket')
    .select('*', tx.db.raw('floor(extract(epoch from at) / ?) as bucket', [bucketSeconds]))
    .where({ server_id: serverId, team_id: tx.ctx.team.id })
    .where('at', '>', since)
    .orderBy(['bucket', { column: 'at', order: 'desc' }])
    .limit(2000)

export const latestReadings = (tx: TeamTx, serverIds: readonly string[]): Promise<ServerReadingsRow[]> =>
  tx
    .db('servers as server')
    .joinRaw(
      'cross join lateral (select * from server_readings where server_id = server.id order by at desc limit 1) as reading',
    )
    .select<ServerReadingsRow[]>('reading.*')
    .where('server.team_id', tx.ctx.team.id)
    .whereIn('server.id', serverIds)

/** What the door to a machine needs; the only place that reads the sealed key. */
export const targetOf = (
  db: System,
  id: string,
): Promise<
  | Pick<
      ServersRow,
      | 'id'
      | 'name'
      | 'kind'
      | 'address'
      | 'port'
      | 'username'
      | 'root'
      | 'private_key_sealed'
      | 'host_key'
      | 'host_key_changed_to'
    >
  | undefined
> =>
  db('servers')
    .select(
      'id',
      'name',
      'kind',
      'address',
      'port',
      'username',
      'root',
      'private_key_sealed',
      'host_key',
      'host_key_changed_to',
    )
    .where({ id })
    .first()

/** Undefined when a key is pinned already, or the server is gone. */
export async function pinFirstKey(
  db: System,
  id: string,
  key: { line: string; fingerprint: string },
): Promise<{ team_id: string; name: string } | undefined> {
  const [row] = await db('servers')
    .where({ id })
    .whereNull('host_key')
    .update({ host_key: key.line, host_key_fingerprint: key.fingerprint })
    .returning(['team_id', 'name'])
  return row
}

/** Undefined when that was known already: the event is written once for each key that is seen. */
export async function markKeyChanged(
  db: System,
  id: string,
  pinned: string,
  seen: string,
): Promise<{ team_id: string; name: string } | undefined> {
  const [row] = await db('servers')
    .where({ id, host_key_fingerprint: pinned })
    .whereRaw('host_key_changed_to is distinct from ?', [seen])
    .update({ host_key_changed_to: seen })
    .returning(['team_id', 'name'])
  return row
}

/** The team that set the panel up, nobody's once that is removed; and whether its machine is among any team's servers. */
export async function localAnywhere(db: System): Promise<{ firstTeam: string | undefined; isThere: boolean }> {
  const first = await db('teams')
    .select('id')
    .whereNotExists(
      db('removed_teams as removed').select('removed.id').whereRaw('removed.created_at <= teams.created_at'),
    )
    .orderBy(['created_at', 'id'])
    .first()
  const local = await db('servers').select('id').where({ kind: 'local' }).first()
  return { firstTeam: first?.id, isThere: local !== undefined }
}
