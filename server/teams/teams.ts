import type { Actor, PersonCtx, TeamCtx, TeamTx } from '../platform/access/ctx.js'
import { refuseOwnSignIn } from '../platform/access/own-sign-in.js'
import type { Role } from '../platform/access/roles.js'
import type { TransactionOf } from '../platform/db/doors.js'
import { notFound } from '../platform/errors.js'
import { append, appendInTeam } from '../platform/events/append.js'
import { newId } from '../platform/ids.js'
import type { Services } from '../platform/services.js'
import { nthSlug, slugOf } from '../platform/slugs.js'
import type { Verdict } from '../platform/verdict.js'
import { actorOf, findSelf } from '../users/users.js'
import { refuseMoreOwned } from './owning.js'
import * as queries from './queries.js'
import { openVerdict } from './rules.js'

export { removeMemberIn } from './members.js'
export { lockTeam, type Member, maybeMember } from './queries.js'
export { TeamName } from './schema.js'

type Identity = TransactionOf<'identity'>

/** A team with its first owner. Its name becomes its slug, with a number where that is taken. */
export async function createTeam(
  db: Identity,
  owner: { id: string; name: string },
  name: string,
  now: Date,
): Promise<queries.NewTeam> {
  const team = await insertTeam(db, name, now)
  await queries.insertMembership(db, { team_id: team.id, user_id: owner.id, role: 'owner', created_at: now })
  await appendInTeam(db, team.id, actorOf(owner), created(team), now)
  return team
}

/** For somebody who is here already. An API key belongs to one team and makes no others. */
export async function newTeam(ctx: PersonCtx, name: string): Promise<queries.NewTeam> {
  const self = await findSelf(ctx)
  refuseOwnSignIn(ctx, 'makes no other team')
  return ctx.services.db.asIdentity(async (db) => {
    await refuseMoreOwned(db, self.id, 'You own')
    return createTeam(db, self, name, ctx.now())
  })
}

async function insertTeam(db: Identity, name: string, now: Date): Promise<queries.NewTeam> {
  const slug = slugOf(name, 'team')
  for (let number = 1; ; number++) {
    const team = { id: newId(), slug: nthSlug(slug, number), name, created_at: now }
    if (await queries.claimSlug(db, team)) return team
  }
}

const created = (team: queries.NewTeam) =>
  ({
    type: 'team.created',
    subject: { kind: 'team', id: team.id },
    data: { slug: team.slug, name: team.name },
  }) as const

/**
 * Makes them a member, with that role on the whole team, if any. Whoever is one already keeps the role they have: returns
 * false.
 */
export const addMember = (
  db: Identity,
  teamId: string,
  userId: string,
  role: Role | null,
  now: Date,
): Promise<boolean> => queries.claimMembership(db, { team_id: teamId, user_id: userId, role, created_at: now })

/**
 * The same for an offer that they have accepted: who held roles on parts of the team alone gets it besides. Returns the role
 * that they have on the whole team now.
 */
export async function joinAs(
  db: Identity,
  teamId: string,
  userId: string,
  role: Role | null,
  now: Date,
): Promise<Role | null> {
  await queries.lockTeam(db, teamId)
  if (role === 'owner') await refuseMoreOwned(db, userId, 'You own')
  if (await addMember(db, teamId, userId, role, now)) return role
  const member = await queries.maybeMember(db, teamId, userId)
  if (role === null || !member || member.role !== null) return member?.role ?? null
  await queries.updateRole(db, teamId, userId, role)
  return role
}

export const isMember = (db: Identity, teamId: string, userId: string): Promise<boolean> =>
  queries.isMember(db, teamId, userId)

/** Its address stays: it stands in bookmarks, in scripts that call the API and at the Git hosts that deliver to it. */
export const renameTeam = (ctx: TeamCtx, name: string): Promise<void> =>
  ctx.transaction(async (tx) => {
    if ((await queries.updateTeamName(tx, name)) === 0) return
    const subject = { kind: 'team', id: ctx.team.id }
    await append(tx, {
      type: 'team.renamed',
      subject,
      data: { from: ctx.team.name, name, before: { name: ctx.team.name }, after: { name } },
    })
  })

/** An API key belongs to one team, and knows of no other. */
export const teamsOf = (
  services: Services,
  { kind, id }: Actor,
  sessionId: string | null = null,
): Promise<queries.Membership[]> =>
  services.db.asIdentity(async (db) => {
    if (id === null) return []
    if (kind === 'user')
      return queries.membershipsOf(db, id, sessionId === null ? null : Buffer.from(sessionId, 'base64url'))
    return queries.teamsOfKey(db, id)
  })

export const membersOf = (ctx: TeamCtx): Promise<queries.Member[]> =>
  ctx.services.db.asIdentity((db) => queries.membersOf(db, ctx.team.id))

/** Whether anything new may be put on servers for the team. */
export async function teamVerdict(tx: TeamTx): Promise<Verdict> {
  const state = await queries.maybeState(tx)
  if (!state) throw notFound('team')
  return openVerdict(state)
}
