import { type Closed, closedSql } from '../platform/access/closed.js'
import type { TeamTx } from '../platform/access/ctx.js'
import type { TransactionOf } from '../platform/db/doors.js'
import type { SupportGrantsRow } from '../platform/db/tables.js'
import type { SupportMode } from './rules.js'

type Operator = TransactionOf<'operator'>
type Identity = TransactionOf<'identity'>

export type Shown = SupportGrantsRow & { operator: string; team: string; team_slug: string }

const shownSql = `
  select support.*, person.name as operator, team.name as team, team.slug as team_slug
  from support_grants support join users person on person.id = support.operator_id join teams team on team.id = support.team_id`

export const findMode = async (db: Identity | Operator): Promise<SupportMode> =>
  // `as`: the column's check names the same words.
  ((await db('panel_settings').select('support').first())?.support ?? 'consent') as SupportMode

export const updateMode = (db: Operator, mode: SupportMode): Promise<number> =>
  db('panel_settings').update({ support: mode }).whereNot({ support: mode })

export const maybeTeam = (db: Operator, id: string): Promise<{ id: string; name: string; slug: string } | undefined> =>
  db('teams').select('id', 'name', 'slug').where({ id }).first()

export const insertGrant = async (
  db: Operator,
  row: Partial<SupportGrantsRow> &
    Pick<SupportGrantsRow, 'id' | 'team_id' | 'operator_id' | 'reason' | 'hours' | 'requested_at'>,
): Promise<void> => void (await db('support_grants').insert(row))

export const lockGrant = (db: Operator, id: string, operatorId: string | null): Promise<SupportGrantsRow | undefined> =>
  db('support_grants')
    .select('*')
    .where({ id, operator_id: operatorId ?? '' })
    .forUpdate()
    .first()

export const updateGrant = (
  db: Operator | TeamTx['db'],
  id: string,
  change: Partial<
    Pick<SupportGrantsRow, 'allowed_by' | 'allowed_at' | 'ends_at' | 'entered_at' | 'session_hash' | 'ended_at'>
  >,
): Promise<number> => db('support_grants').update(change).where({ id })

export const grantsOfOperator = (db: Operator, operatorId: string): Promise<Shown[]> =>
  db.rows(`${shownSql} where support.operator_id = $1 order by support.requested_at desc limit 50`, [operatorId])

/** The team's door sees no people, so their names are asked for through another one. */
export const grantsOfTeam = (db: Identity, teamId: string): Promise<Shown[]> =>
  db.rows(`${shownSql} where support.team_id = $1 order by support.requested_at desc limit 20`, [teamId])

export const lockTeamsGrant = (tx: TeamTx, id: string): Promise<SupportGrantsRow | undefined> =>
  tx.db('support_grants').select('*').where({ id, team_id: tx.ctx.team.id }).forUpdate().first()

export interface Visit {
  id: string
  team_id: string
  slug: string
  name: string
  closed: Closed | null
  requires_factor: boolean
}

/** Of a session that is inside of that team now, by somebody who still is an operator. */
export const maybeVisit = async (
  db: Identity,
  sessionHash: Buffer,
  slug: string,
  now: Date,
): Promise<Visit | undefined> =>
  (
    await db.rows<Visit>(
      `select support.id, team.id as team_id, team.slug, team.name,
         ${closedSql} as closed,
         exists (select from sign_in_rules rule where rule.team_id = team.id and rule.requires_factor) as requires_factor
       from support_grants support join teams team on team.id = support.team_id
         join users person on person.id = support.operator_id
       where support.session_hash = $1 and team.slug = $2 and support.ends_at > $3 and support.ended_at is null
         and person.is_operator and person.disabled_at is null`,
      [sessionHash, slug, now],
    )
  )[0]

/** Those that were going on in sessions that are over, who left them by it, and where. `operatorId`: of them alone. */
export const endLeft = (
  db: Identity | Operator,
  operatorId: string | null,
  now: Date,
): Promise<{ id: string; team_id: string; operator: string }[]> =>
  db.rows(
    `update support_grants support set ended_at = $1 from users person
     where support.entered_at is not null and support.session_hash is null and support.ended_at is null
       and support.ends_at > $1 and person.id = support.operator_id and ($2::uuid is null or person.id = $2)
     returning support.id, support.team_id, person.name as operator`,
    [now, operatorId],
  )

export const insideNow = (db: Identity, teamId: string, now: Date): Promise<Shown[]> =>
  db.rows(
    `${shownSql} where support.team_id = $1 and support.ends_at > $2 and support.ended_at is null
       and support.session_hash is not null`,
    [teamId, now],
  )
