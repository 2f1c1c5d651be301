import type { TeamRef, TeamTx } from '../platform/access/ctx.js'
import type { TransactionOf } from '../platform/db/doors.js'
import type { SignInRequirementsRow } from '../platform/db/tables.js'

export const maybeRequirement = ({ db }: TeamTx): Promise<SignInRequirementsRow | undefined> =>
  db('sign_in_requirements').select('*').first()

export const isOwner = async ({ db, ctx }: TeamTx, userId: string): Promise<boolean> =>
  (await db('memberships')
    .select('user_id')
    .where({ team_id: ctx.team.id, user_id: userId, role: 'owner' })
    .first()) !== undefined

/** A team has one. */
export const replaceRequirement = async ({ db }: TeamTx, row: SignInRequirementsRow): Promise<void> =>
  void (await db('sign_in_requirements').insert(row).onConflict('team_id').merge())

export const deleteRequirement = async ({ db }: TeamTx): Promise<boolean> =>
  (await db('sign_in_requirements').delete()) === 1

export const maybeTeam = (db: TransactionOf<'identity'>, slug: string): Promise<TeamRef | undefined> =>
  db('teams').select('id', 'slug', 'name').where({ slug }).first()
