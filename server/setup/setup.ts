import { createHash, randomBytes } from 'node:crypto'
import type { z } from 'zod'
import { TeamCtx, type TeamRef } from '../platform/access/ctx.js'
import type { TransactionOf } from '../platform/db/doors.js'
import type { SetupRow, UsersRow } from '../platform/db/tables.js'
import { conflict, notFound, UserError } from '../platform/errors.js'
import { appendOutsideTeams } from '../platform/events/append.js'
import type { NewCookie } from '../platform/http/cookies.js'
import { Secret } from '../platform/secret.js'
import type { Services } from '../platform/services.js'
import { ensureLocalServer } from '../servers/servers.js'
import { createSession, type Whence } from '../sessions/sessions.js'
import { createTeam } from '../teams/teams.js'
import { actorOf, anybodyIsThere, createUser, hashOfNewPassword } from '../users/users.js'
import * as queries from './queries.js'
import type { FirstPeople } from './schema.js'

export { FirstPeople } from './schema.js'

type Identity = TransactionOf<'identity'>
type First = z.output<typeof FirstPeople>

/**
 * While nobody is here, makes a token that opens the setup page, for the start to print; the one before it ends. Null
 * once setup is done.
 */
export function ensureSetupToken(services: Services): Promise<Secret | null> {
  const token = randomBytes(32).toString('base64url')
  return services.db.asIdentity(async (db) => {
    if (await anybodyIsThere(db)) return null
    return (await queries.replaceToken(db, hashOf(token), services.clock())) ? new Secret(token) : null
  })
}

/** Throws 404 when setup is done (AZ-17). */
export const refuseWhenDone = (services: Services): Promise<void> =>
  services.db.asIdentity(findOpenSetup).then(() => {})

/** Throws 404 when setup is done, and 403 for anybody who has not seen the output of the first start. */
export async function checkToken(services: Services, token: string | undefined): Promise<void> {
  const setup = await services.db.asIdentity(findOpenSetup)
  if (token === undefined || !setup?.token_hash.equals(hashOf(token))) throw noToken()
}

async function findOpenSetup(db: Identity): Promise<SetupRow | undefined> {
  const setup = await queries.maybeSetup(db)
  if (setup?.used_at || (await anybodyIsThere(db))) throw isDone()
  return setup
}

/** Makes the first operator with a team of their own, and signs them in. Throws as `checkToken` does. */
export async function completeSetup(
  services: Services,
  input: First & { token: string },
  whence: Whence,
): Promise<{ session: NewCookie; team: TeamRef }> {
  await checkToken(services, input.token)
  const passwordHash = await hashOfNewPassword(input.password, input)
  const now = services.clock()

  const made = await services.db.asIdentity(async (db) => {
    if (!(await queries.claimSetup(db, hashOf(input.token), now))) throw isDone()
    const { user, team } = await createFirst(db, input, passwordHash, now)
    return { team, session: await createSession(db, user, whence, now, { by: 'password', factor: false }) }
  })
  await ensureLocalServer(TeamCtx.system(services, made.team))
  return made
}

/** The same from the machine itself, where access to a shell is the proof. Throws 409 when setup is done. */
export async function initialise(services: Services, input: First): Promise<{ user: UsersRow; team: TeamRef }> {
  const passwordHash = await hashOfNewPassword(input.password, input)
  const token = await ensureSetupToken(services)
  if (!token) throw isDoneAlready()
  const now = services.clock()

  const made = await services.db.asIdentity(async (db) => {
    if (!(await queries.claimSetup(db, hashOf(token.reveal()), now))) throw isDoneAlready()
    return createFirst(db, input, passwordHash, now)
  })
  await ensureLocalServer(TeamCtx.system(services, made.team))
  return made
}

async function createFirst(db: Identity, input: First, passwordHash: string, now: Date) {
  const { name, email } = input
  const user = await createUser(db, { name, email, passwordHash, isOperator: true, emailVerifiedAt: now }, now)
  const team = await createTeam(db, user, input.team, now)
  const subject = { kind: 'user', id: user.id }
  await appendOutsideTeams(db, actorOf(user), { type: 'setup.completed', subject, data: { teamId: team.id } }, now)
  return { user, team }
}

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest()

const isDone = (): UserError => notFound('page')

const isDoneAlready = (): UserError =>
  conflict('This panel is already set up', 'Sign in as its operator, and make an API key on the API keys page.')

const noToken = (): UserError =>
  new UserError(
    403,
    'Setup needs the link that Hostler printed',
    'It stands in the terminal or the log of its newest start, with a token at its end.',
  )
