import type { TeamWithRole } from '../platform/access/authorizer.js'
import { closedSql } from '../platform/access/closed.js'
import type { Database, TransactionOf } from '../platform/db/doors.js'
import type { SessionsRow, UsersRow } from '../platform/db/tables.js'
import { holdingsSql } from '../roles/roles.js'
import type { SessionRule } from './rules.js'

type Identity = TransactionOf<'identity'>

export interface LiveSession {
  id_hash: Buffer
  csrf_secret: Buffer
  created_at: Date
  last_seen_at: Date
  user_id: string
  user_name: string
  is_operator: boolean
  is_verified: boolean
  is_half: boolean
  has_factor: boolean
  password_proved_at: Date | null
  factor_proved_at: Date | null
  connection_id: string | null
  teams: TeamWithRole[]
  rules: SessionRule[]
}

export const insertSession = async (db: Identity, row: SessionsRow): Promise<void> =>
  void (await db('sessions').insert(row))

/** What the panel and the teams of somebody ask of their sessions. */
const rulesSql = (id: string): string =>
  `select coalesce(json_agg(json_build_object('teamId', rule.team_id, 'requiresFactor', rule.requires_factor,
     'idleMinutes', rule.idle_minutes, 'longestHours', rule.longest_hours)), '[]')
   from sign_in_rules rule where rule.team_id is null or rule.team_id in (
     select membership.team_id from memberships membership where membership.user_id = ${id})`

export async function rulesFor(db: Identity, userId: string): Promise<SessionRule[]> {
  const [row] = await db.rows<{ rules: SessionRule[] }>(`select (${rulesSql('$1::uuid')}) as rules`, [userId])
  return row?.rules ?? []
}

/** Whether somebody has set up a second factor: a part of a statement. `id` is an expression, never a value. */
export const hasFactorSql = (id: string): string =>
  `(exists (select from authenticator_apps app where app.user_id = ${id} and app.confirmed_at is not null)
    or exists (select from passkeys where passkeys.user_id = ${id}))`

export async function hasFactor(db: Identity, userId: string): Promise<boolean> {
  const [row] = await db.rows<{ has: boolean }>(`select ${hasFactorSql('$1::uuid')} as has`, [userId])
  return row?.has === true
}

/** Ends the half session that is given; undefined when it is over, or was taken by somebody faster. */
export const takeHalfSession = async (
  db: Identity,
  userId: string,
  idHash: Buffer,
): Promise<SessionsRow | undefined> => {
  const [row] = await db('sessions').where({ user_id: userId, id_hash: idHash, is_half: true }).delete().returning('*')
  return row
}

/**
 * Whether a team wants its own sign-in and this session was begun otherwise: a part of a statement that has `session`,
 * `person`, `membership` and `team`. The owner who was named for the day on which nothing else works has to have shown a
 * second factor (SO-06).
 */
const wantsOwnSignInSql = `exists (
  select from sign_in_requirements requirement
  where requirement.team_id = team.id
    and (session.connection_id is null or requirement.connection_id <> session.connection_id)
    and not (requirement.break_glass_user_id = person.id and membership.role = 'owner' and session.factor_proved_at is not null
      and ${hasFactorSql('person.id')}))`

/**
 * Sessions, their people and their teams in one question; none for what is over, in any order. What a team's own sign-in began
 * opens that team and no other: its provider may say who anybody is, so it may not reach further (SO-02). Every request
 * asks it, and to have knex build a query costs more than to ask it, so this one is written out.
 */
export const liveSessions = (
  db: Pick<Database, 'askIdentity'>,
  idHashes: readonly Buffer[],
  now: Date,
  seenAfter: Date,
): Promise<LiveSession[]> =>
  db.askIdentity<LiveSession>(
    `select session.id_hash, session.csrf_secret, session.created_at, session.last_seen_at, session.user_id,
       person.name as user_name, person.is_operator, person.email_verified_at is not null as is_verified, session.is_half,
       session.password_proved_at, session.factor_proved_at, session.connection_id,
       ${hasFactorSql('person.id')} as has_factor, (
         select coalesce(json_agg(json_build_object(
             'id', team.id, 'slug', team.slug, 'name', team.name, 'role', membership.role, 'holdings', ${holdingsSql},
             'closed', ${closedSql}, 'wantsOwnSignIn', ${wantsOwnSignInSql})
           order by team.name, team.id), '[]')
         from memberships membership join teams team on team.id = membership.team_id
         where membership.user_id = person.id and (session.connection_id is null or team.id =
           (select connection.team_id from sign_in_connections connection where connection.id = session.connection_id))
       ) as teams, (
         ${rulesSql('person.id')}) as rules
     from sessions session join users person on person.id = session.user_id
     where session.id_hash = any($1) and session.expires_at > $2 and session.last_seen_at > $3 and person.disabled_at is null`,
    [idHashes, now, seenAfter],
  )

export const connectionOf = async (db: Identity, idHash: Buffer): Promise<string | null> =>
  (await db('sessions').select('connection_id').where({ id_hash: idHash }).first())?.connection_id ?? null

export const maybeSession = (db: Identity, userId: string, idHash: Buffer): Promise<SessionsRow | undefined> =>
  db('sessions').select('*').where({ user_id: userId, id_hash: idHash }).first()

export const markSeen = (db: Identity, idHash: Buffer, now: Date): Promise<number> =>
  db('sessions').update({ last_seen_at: now }).where({ id_hash: idHash }).where('last_seen_at', '<', now)

export const markProved = (
  db: Identity,
  idHash: Buffer,
  by: { password?: boolean; factor?: boolean },
  now: Date,
): Promise<number> =>
  db('sessions')
    .update({ ...(by.password && { password_proved_at: now }), ...(by.factor && { factor_proved_at: now }) })
    .where({ id_hash: idHash })

/** `connection`: only those that it began; null for all. */
export const liveSessionsOf = (
  db: Identity,
  userId: string,
  connection: string | null,
  now: Date,
  seenAfter: Date,
): Promise<SessionsRow[]> =>
  db('sessions')
    .select('*')
    .where({ user_id: userId, is_half: false, ...begunBy(connection) })
    .where('expires_at', '>', now)
    .where('last_seen_at', '>', seenAfter)
    .orderBy('last_seen_at', 'desc')

const begunBy = (connection: string | null) => (connection === null ? {} : { connection_id: connection })

/** Returns how many ended: none for somebody else's session, nor for one that another than `connection` began. */
export const deleteSession = (
  db: Identity,
  userId: string,
  connection: string | null,
  idHash: Buffer,
): Promise<number> =>
  db('sessions')
    .where({ user_id: userId, id_hash: idHash, ...begunBy(connection) })
    .delete()

export const deleteOtherSessions = (
  db: Identity,
  userId: string,
  connection: string | null,
  kept: Buffer,
): Promise<number> =>
  db('sessions')
    .where({ user_id: userId, ...begunBy(connection) })
    .whereNot({ id_hash: kept })
    .delete()

export const deleteSessionsOf = (db: Identity, userId: string): Promise<number> =>
  db('sessions').where({ user_id: userId }).delete()

/** Returns whose it was. */
export const deleteByHash = async (db: Identity, idHash: Buffer): Promise<{ id: string; name: string } | undefined> =>
  (
    await db.rows<{ id: string; name: string }>(
      `delete from sessions session using users person where session.id_hash = $1 and person.id = session.user_id
       returning person.id, person.name`,
      [idHash],
    )
  )[0]

/** Whoever begins a session waits for who changes how its person signs in, and sees what they have changed. */
export const shareUser = (
  db: Identity,
  userId: string,
): Promise<Pick<UsersRow, 'password_hash' | 'disabled_at'> | undefined> =>
  db('users').select('password_hash', 'disabled_at').where({ id: userId }).forShare().first()

/**
 * The other way round: no session begins meanwhile. Before any row of theirs is touched, as everybody who changes how they
 * sign in does: two who did it the other way round would wait for each other.
 */
export const lockUser = async (db: Identity, userId: string): Promise<void> =>
  void (await db('users').select('id').where({ id: userId }).forNoKeyUpdate().first())

export const deleteOverSessions = (db: Identity, now: Date, seenAfter: Date): Promise<number> =>
  db('sessions').where('expires_at', '<=', now).orWhere('last_seen_at', '<=', seenAfter).delete()

/** Those that the rules of the panel or of a team of theirs have ended. */
export const deleteSessionsOverByRules = async (db: Identity, now: Date): Promise<void> =>
  void (await db.rows(
    `delete from sessions session using sign_in_rules rule
     where (rule.team_id is null or rule.team_id in (
         select membership.team_id from memberships membership where membership.user_id = session.user_id))
       and (session.last_seen_at <= $1::timestamptz - rule.idle_minutes * interval '1 minute'
         or session.created_at <= $1::timestamptz - rule.longest_hours * interval '1 hour')`,
    [now],
  ))

/** Counts before the password is looked at, so that many guesses at once are many (a count afterwards would miss them). */
export async function countAttempt(db: Identity, key: string, now: Date, windowEndsAt: Date): Promise<number> {
  const [row] = await db('sign_in_attempts')
    .insert({ key, failures: 1, window_ends_at: windowEndsAt })
    .onConflict('key')
    .merge({
      failures: db.raw('case when sign_in_attempts.window_ends_at <= ? then 1 else sign_in_attempts.failures + 1 end', [
        now,
      ]),
      window_ends_at: db.raw(
        'case when sign_in_attempts.window_ends_at <= ? then excluded.window_ends_at else sign_in_attempts.window_ends_at end',
        [now],
      ),
    })
    .returning('failures')
  return row?.failures ?? 0
}

export const forgetAttempts = (db: Identity, key: string): Promise<number> =>
  db('sign_in_attempts').where({ key }).delete()

export const takeBackAttempt = (db: Identity, key: string): Promise<number> =>
  db('sign_in_attempts').where({ key }).where('failures', '>', 0).decrement('failures', 1)

export const deleteOverChallenges = (db: Identity, now: Date): Promise<number> =>
  db('passkey_challenges').where('expires_at', '<=', now).delete()

/** Waits for no row: whoever counts locks several in an order of their own, which this does not know. */
export const deleteOverAttempts = (db: Identity, now: Date): Promise<number> =>
  db('sign_in_attempts')
    .whereIn('key', db('sign_in_attempts').select('key').where('window_ends_at', '<=', now).forUpdate().skipLocked())
    .delete()
