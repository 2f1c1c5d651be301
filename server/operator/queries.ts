import type { TransactionOf } from '../platform/db/doors.js'

type Operator = TransactionOf<'operator'>

export interface ListedTeam {
  id: string
  slug: string
  name: string
  members: number
  sites: number
  servers: number
  createdAt: Date
  suspendedAt: Date | null
  suspendedReason: string | null
  deleteAfter: Date | null
  removalBegunAt: Date | null
}

export interface ListedPerson {
  id: string
  name: string
  email: string
  teams: number
  isOperator: boolean
  createdAt: Date
  disabledAt: Date | null
  disabledReason: string | null
  lastSeenAt: Date | null
}

interface Wanted {
  text: string
  /** The key of the last one shown. */
  after: readonly [string, string] | null
  limit: number
}

/** What was typed stands for itself: `%` and `_` are no wildcards. */
const containing = (text: string): string => `%${text.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`

export const teamsLike = (db: Operator, { text, after, limit }: Wanted): Promise<ListedTeam[]> =>
  db.rows(
    `select team.id, team.slug, team.name, team.created_at as "createdAt", team.suspended_at as "suspendedAt",
       team.suspended_reason as "suspendedReason", team.delete_after as "deleteAfter",
       team.removal_begun_at as "removalBegunAt",
       (select count(*)::integer from memberships where team_id = team.id) as members,
       (select count(*)::integer from sites where team_id = team.id and preview_of is null) as sites,
       (select count(*)::integer from servers where team_id = team.id) as servers
     from teams team
     where (lower(team.name) like $1 or team.slug like $1)
       and ($2::text is null or (lower(team.name), team.id::text) > ($2, $3))
     order by lower(team.name), team.id::text limit $4`,
    [containing(text), after?.[0] ?? null, after?.[1] ?? null, limit],
  )

export const peopleLike = (db: Operator, { text, after, limit }: Wanted): Promise<ListedPerson[]> =>
  db.rows(
    `select person.id, person.name, person.email, person.is_operator as "isOperator", person.created_at as "createdAt",
       person.disabled_at as "disabledAt", person.disabled_reason as "disabledReason",
       (select count(*)::integer from memberships where user_id = person.id) as teams,
       (select max(last_seen_at) from sessions where user_id = person.id) as "lastSeenAt"
     from users person
     where (lower(person.name) like $1 or lower(person.email) like $1)
       and ($2::text is null or (lower(person.name), person.id::text) > ($2, $3))
     order by lower(person.name), person.id::text limit $4`,
    [containing(text), after?.[0] ?? null, after?.[1] ?? null, limit],
  )

type Known = { id: string; name: string }

/** Undefined where there is none, or it is suspended already. */
export async function suspendTeam(db: Operator, id: string, reason: string, now: Date): Promise<Known | undefined> {
  const change = { suspended_at: now, suspended_reason: reason }
  const [row] = await db('teams').update(change).where({ id }).whereNull('suspended_at').returning(['id', 'name'])
  return row
}

export async function restoreTeam(db: Operator, id: string): Promise<Known | undefined> {
  const change = { suspended_at: null, suspended_reason: null }
  const [row] = await db('teams').update(change).where({ id }).whereNotNull('suspended_at').returning(['id', 'name'])
  return row
}

export async function suspendPerson(db: Operator, id: string, reason: string, now: Date): Promise<Known | undefined> {
  const change = { disabled_at: now, disabled_reason: reason }
  const [row] = await db('users').update(change).where({ id }).whereNull('disabled_at').returning(['id', 'name'])
  return row
}

export async function restorePerson(db: Operator, id: string): Promise<Known | undefined> {
  const change = { disabled_at: null, disabled_reason: null }
  const [row] = await db('users').update(change).where({ id }).whereNotNull('disabled_at').returning(['id', 'name'])
  return row
}

export const endSessionsOf = (db: Operator, userId: string): Promise<number> =>
  db('sessions').where({ user_id: userId }).delete()

export const isThere = async (db: Operator, table: 'teams' | 'users', id: string): Promise<boolean> =>
  (await db(table).select('id').where({ id }).first()) !== undefined
