import type { TeamTx } from '../platform/access/ctx.js'
import type { Transaction } from '../platform/db/doors.js'
import type { SignInRulesRow } from '../platform/db/tables.js'

/** Of that team; of the panel when null. */
export const maybeRules = (db: Transaction, teamId: string | null): Promise<SignInRulesRow | undefined> =>
  db('sign_in_rules')
    .select('team_id', 'requires_factor', 'idle_minutes', 'longest_hours')
    .where({ team_id: teamId })
    .first()

export const putRules = async (db: Transaction, row: SignInRulesRow): Promise<void> =>
  void (await db('sign_in_rules').insert(row).onConflict('team_id').merge())

/** The people of the team who would be shut out, because they have no second factor. */
export const peopleWithout = (db: Transaction, teamId: string): Promise<{ name: string }[]> =>
  db('memberships as membership')
    .join('users as person', 'person.id', 'membership.user_id')
    .where('membership.team_id', teamId)
    .whereNull('person.disabled_at')
    .whereNotExists(
      db('authenticator_apps as app').whereRaw('app.user_id = person.id and app.confirmed_at is not null'),
    )
    .whereNotExists(db('passkeys').whereRaw('passkeys.user_id = person.id'))
    .select('person.name')
    .orderBy('person.name')
    .orderBy('person.id')

export const rulesIn = ({ db, ctx }: TeamTx): Promise<SignInRulesRow | undefined> => maybeRules(db, ctx.team.id)
