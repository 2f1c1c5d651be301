import type { Holding } from '../platform/access/access.js'
import type { TeamTx } from '../platform/access/ctx.js'
import type { Role } from '../platform/access/roles.js'
import type { Transaction, TransactionOf } from '../platform/db/doors.js'
import type { OidcSettingsRow, SamlSettingsRow, SignInConnectionsRow } from '../platform/db/tables.js'
import { holdingsSql } from '../roles/roles.js'
import type { DefaultRole } from './rules.js'

type Identity = TransactionOf<'identity'>

interface Named extends Omit<SignInConnectionsRow, 'kind' | 'default_role'> {
  default_role: DefaultRole | null
}

type Settings<Row> = Omit<Row, 'connection_id' | 'team_id'>

export type OidcConnection = Named & { kind: 'oidc' } & Settings<OidcSettingsRow>
export type SamlConnection = Named & { kind: 'saml' } & Settings<SamlSettingsRow>
export type Connection = OidcConnection | SamlConnection

/** With its team, for who is not in it yet. */
export type PublicConnection = Connection & { team_slug: string; team_name: string }

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
  'saml.entity_id',
  'saml.sso_url',
  'saml.certificates',
  'saml.changed_at',
] as const

/** Each has the settings of its kind: both are written in one transaction. */
const connections = (db: Transaction) =>
  db('sign_in_connections as connection')
    .leftJoin('oidc_settings as oidc', 'oidc.connection_id', 'connection.id')
    .leftJoin('saml_settings as saml', 'saml.connection_id', 'connection.id')

/** Returns false when the team has another of that name. */
export const claimName = async ({ db }: TeamTx, row: SignInConnectionsRow): Promise<boolean> =>
  (await db('sign_in_connections').insert(row).onConflict().ignore().returning('id')).length === 1

export const insertOidc = async ({ db }: TeamTx, row: OidcSettingsRow): Promise<void> =>
  void (await db('oidc_settings').insert({ ...row, metadata: JSON.stringify(row.metadata) }))

export const insertSaml = async ({ db }: TeamTx, row: SamlSettingsRow): Promise<void> =>
  void (await db('saml_settings').insert(row))

// `as`, here and below: the columns are those of its kind, by how it was made.
export const connectionsOf = async ({ db }: TeamTx): Promise<Connection[]> =>
  (await connections(db).select(columns).orderBy('connection.name')) as Connection[]

export const maybeConnection = async ({ db }: TeamTx, id: string): Promise<Connection | undefined> =>
  (await connections(db).where('connection.id', id).select(columns).first()) as Connection | undefined

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

export const updateSaml = (
  { db }: TeamTx,
  id: string,
  changes: Omit<SamlSettingsRow, 'connection_id' | 'team_id'>,
): Promise<number> => db('saml_settings').update(changes).where({ connection_id: id })

/** The role that somebody has on the whole team, and how many others they hold that no group of a directory gives. */
export const heldBesides = async (
  db: Identity,
  teamId: string,
  userId: string,
): Promise<{ role: Role | null; byHand: number }> =>
  (
    await db.rows<{ role: Role | null; byHand: number }>(
      `select membership.role, (select count(*)::int from role_grants held where held.team_id = $1 and held.user_id = $2
         and held.directory_role_id is null) as "byHand"
       from memberships membership where membership.team_id = $1 and membership.user_id = $2`,
      [teamId, userId],
    )
  )[0] ?? { role: null, byHand: 0 }

/** What each of the people holds in the team who sign in by that connection, or will by what its directory says. */
export const holdingsOfPeople = async (tx: TeamTx, id: string): Promise<Holding[]> =>
  (
    await tx.db.rows<{ holdings: Holding[] }>(
      `select ${holdingsSql} as holdings from memberships membership where membership.team_id = $1 and membership.user_id in (
         select user_id from identities where connection_id = $2
         union select user_id from directory_users where connection_id = $2)`,
      [tx.ctx.team.id, id],
    )
  ).flatMap(({ holdings }) => holdings)

/** By name, or as the last of those of which any will do. */
export const isNeeded = async ({ db }: TeamTx, id: string): Promise<boolean> =>
  (await db('sign_in_requirements')
    .select('team_id')
    .where({ connection_id: id })
    .orWhere((any) => any.whereNull('connection_id').whereNotExists(db('sign_in_connections').whereNot({ id })))
    .first()) !== undefined

export const deleteConnection = async ({ db }: TeamTx, id: string): Promise<boolean> =>
  (await db('sign_in_connections').where({ id }).delete()) === 1

export const maybePublic = async (db: Identity, id: string): Promise<PublicConnection | undefined> =>
  (await connections(db)
    .join('teams as team', 'team.id', 'connection.team_id')
    .where('connection.id', id)
    .select(...columns, 'team.slug as team_slug', 'team.name as team_name')
    .first()) as PublicConnection | undefined

/** What people of that team may choose from. */
export const publicOf = (db: Identity, teamId: string): Promise<{ id: string; name: string }[]> =>
  db('sign_in_connections').select('id', 'name').where({ team_id: teamId }).orderBy('name')

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
