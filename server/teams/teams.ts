import type { Actor, TeamCtx } from '../platform/access/ctx.js'
import type { Role } from '../platform/access/roles.js'
import type { TransactionOf } from '../platform/db/doors.js'
import type { TeamsRow, UsersRow } from '../platform/db/tables.js'
import { appendInTeam } from '../platform/events/append.js'
import { newId } from '../platform/ids.js'
import type { Services } from '../platform/services.js'
import { nthSlug, slugOf } from '../platform/slugs.js'
import * as queries from './queries.js'

export type { Member } from './queries.js'
export { TeamName } from './schema.js'

type Identity = TransactionOf<'identity'>

/** A team with its first owner. Its name becomes its slug, with a number where that is taken. */
export async function createTeam(db: Identity, owner: UsersRow, name: string, now: Date): Promise<TeamsRow> {
  const team = await insertTeam(db, name, now)
  await queries.insertMembership(db, { team_id: team.id, user_id: owner.id, role: 'owner', created_at: now })

  const actor: Actor = { kind: 'user', id: owner.id, name: owner.name }
  await appendInTeam(db, team.id, actor, created(team), now)
  return team
}

async function insertTeam(db: Identity, name: string, now: Date): Promise<TeamsRow> {
  const slug = slugOf(name, 'team')
  for (let number = 1; ; number++) {
    const team = { id: newId(), slug: nthSlug(slug, number), name, created_at: now }
    if (await queries.claimSlug(db, team)) return team
  }
}

const created = (team: TeamsRow) =>
  ({
    type: 'team.created',
    subject: { kind: 'team', id: team.id },
    data: { slug: team.slug, name: team.name },
  }) as const

/** Makes them a member, with that role. Whoever is one already keeps the role they have: returns false. */
export const addMember = (db: Identity, teamId: string, userId: string, role: Role, now: Date): Promise<boolean> =>
  queries.claimMembership(db, { team_id: teamId, user_id: userId, role, created_at: now })

export const isMember = (db: Identity, teamId: string, userId: string): Promise<boolean> =>
  queries.isMember(db, teamId, userId)

/** An API key belongs to one team, and knows of no other. */
export const teamsOf = (services: Services, { kind, id }: Actor): Promise<queries.Membership[]> =>
  services.db.asIdentity(async (db) => {
    if (id === null) return []
    if (kind === 'user') return queries.membershipsOf(db, id)
    return queries.teamsOfKey(db, id)
  })

export const membersOf = (ctx: TeamCtx): Promise<queries.Member[]> =>
  ctx.services.db.asIdentity((db) => queries.membersOf(db, ctx.team.id))
