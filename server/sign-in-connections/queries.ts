import type { TeamTx } from '../platform/access/ctx.js'
import type { TransactionOf } from '../platform/db/doors.js'
import type { OidcSettingsRow, SignInConnectionsRow } from '../platform/db/tables.js'
import type { DefaultRole } from './rules.js'

type Identity = TransactionOf<'identity'>

export interface Connection extends Omit<SignInConnectionsRow, 'default_role'> {
  default_role: DefaultRole | null
}

export interface OidcConnection extends Connection, Omit<OidcSettingsRow, 'connection_id' | 'team_id'> {}

/** With its team, for who is not in it yet. */
export interface PublicConnection extends OidcConnection {
  team_slug: string
  team_name: string
}

const columns = [
  'connection.id',
  'connection.team_id',
  'connection.kind',
  'connection.name',
  'connection.default_role',
  'connection.created_by',
  'connection.created_at',
  'oidc.issuer',
  'oidc.client_id',
  'oidc.client_secret_sealed',
  'oidc.metadata',
  'oidc.metadata_at',
] as const

/** Returns false when the team has another of that name. */
export const claimName = async ({ db }: TeamTx, row: SignInConnectionsRow): Promise<boolean> =>
  (await db('sign_in_connections').insert(row).onConflict().ignore().returning('id')).length === 1

export const insertOidc = async ({ db }: TeamTx, row: OidcSettingsRow): Promise<void> =>
  void (await db('oidc_settings').insert({ ...row, metadata: JSON.stringify(row.metadata) }))

export const connectionsOf = ({ db }: TeamTx): Promise<OidcConnection[]> =>
  db('sign_in_connections as connection')
    .join('oidc_settings as oidc', 'oidc.connection_id', 'connection.id')
    .select(columns)
    .orderBy('connection.name')

export const maybeConnection = ({ db }: TeamTx, id: string): Promise<OidcConnection | undefined> =>
  db('sign_in_connections as connection')
    .join('oidc_settings as oidc', 'oidc.connection_id', 'connection.id')
    .where('connection.id', id)
    .select(columns)
    .first()

/** The name is unique in the team: whether another has it is asked first, by `isNameTaken`. */
export const updateConnection = (
  { db }: TeamTx,
  id: string,
  changes: { name?: string; default_role?: DefaultRole | null },
): Promise<number> => db('sign_in_connections').update(changes).where({ id })

export const isNameTaken = async ({ db }: TeamTx, name: string, id: string): Promise<boolean> =>
  (await db('sign_in_connections').select('id').where({ name }).whereNot({ id }).first()) !== undefined

export const updateOidc = (
  { db }: TeamTx,
  id: string,
  changes: { client_id?: string; client_secret_sealed?: string },
): Promise<number> => db('oidc_settings').update(changes).where({ connection_id: id })

export const deleteConnection = async ({ db }: TeamTx, id: string): Promise<boolean> =>
  (await db('sign_in_connections').where({ id }).delete()) === 1

export const maybePublic = (db: Identity, id: string): Promise<PublicConnection | undefined> =>
  db('sign_in_connections as connection')
    .join('oidc_settings as oidc', 'oidc.connection_id', 'connection.id')
    .join('teams as team', 'team.id', 'connection.team_id')
    .where('connection.id', id)
    .select(...columns, 'team.slug as team_slug', 'team.name as team_name')
    .first()

/** Of many who find it old at once one asks the provider again. */
export const claimRefresh = async (db: Identity, id: string, oldSince: Date, now: Date): Promise<boolean> =>
  (await db('oidc_settings')
    .update({ metadata_at: now })
    .where({ connection_id: id })
    .where('metadata_at', '<=', oldSince)) === 1

export const updateMetadata = (db: Identity, id: string, metadata: unknown): Promise<number> =>
  db('oidc_settings')
    .update({ metadata: JSON.stringify(metadata) })
    .where({ connection_id: id })
