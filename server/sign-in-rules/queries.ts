import type { TeamTx } from '../platform/access/ctx.js'
import type { Transaction } from '../platform/db/doors.js'
import type { SignInRulesRow } from '../platform/db/tables.js'

/** Of that team; of the panel when null. */
export const maybeRules = (db: Transaction, teamId: string | null): Promise<SignInRulesRow | undefined> =>
  db('sign_in_rules')
    .select('team_id', 'requires_factor', 'idle_minutes', 'longest_hours')
    .where({ team_id: teamId })
    .first()

/** The same, which nobody else changes until the end of the transaction; with a row of no rules where there was none. */
export async function lockRules(db: Transaction, teamId: string | null): Promise<SignInRulesRow | undefined> {
  await db('sign_in_rules').insert({ team_id: teamId, requires_factor: false }).onConflict('team_id').ignore()
  return db('sign_in_rules')
    .select('team_id', 'requires_factor', 'idle_minutes', 'longest_hours')
    .where({ team_id: teamId })
    .forUpdate()
    .first()
}

export const updateRules = (db: Transaction, { team_id, ...changes }: SignInRulesRow): Promise<number> =>
  db('sign_in_rules').update(changes).where({ team_id })

/** The first people of the team who would be shut out, because they have no second factor, each with how many there are. */
export const peopleWithout = (
  db: Transaction,
  teamId: string,
  most: number,
): Promise<{ name: string; total: number }[]> =>
  db('memberships as membership')
    .join('users as person', 'person.id', 'membership.user_id')
    .where('membership.team_id', teamId)
    .whereNull('person.disabled_at')
    .whereNotExists(
      db('authenticator_apps as app').whereRaw('app.user_id = person.id and app.confirmed_at is not null'),
    )
    .whereNotExists(db('passkeys').whereRaw('passkeys.user_id = person.id'))
    .select<{ name: string; total: number }[]>('person.name', db.raw('(count(*) over ())::int as total'))
    .orderBy('person.name')
    .orderBy('person.id')
    .limit(most)

export const rulesIn = ({ db, ctx }: TeamTx): Promise<SignInRulesRow | undefined> => maybeRules(db, ctx.team.id)
