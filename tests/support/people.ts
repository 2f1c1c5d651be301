import { createHash, randomBytes } from 'node:crypto'
import { createAuthorizer } from '../../server/authorizer.js'
import type { Authorizer, SignedIn } from '../../server/platform/access/authorizer.js'
import { PersonCtx, type TeamCtx, type TeamRef } from '../../server/platform/access/ctx.js'
import type { Permission } from '../../server/platform/access/permissions.js'
import type { Role } from '../../server/platform/access/roles.js'
import { cookieName } from '../../server/platform/http/cookies.js'
import { newId } from '../../server/platform/ids.js'
import type { Services } from '../../server/platform/services.js'
import { days, type TestClock, testClock } from './clock.js'
import type { TestDatabase } from './database.js'
import { testServices } from './services.js'

/**
 * The people of the tests: team acme with one of each role and a client, who holds no role before a test gives them one on
 * a site (`makeClientOf`), team rival with a stranger who owns it, and an operator in no team. Each is signed in and has an API key for their team. Everybody has the same password.
 */
export const password = 'a walk along the canal'
// Of that password, by the product's own parameters: hashing it for each test would cost more than the test.
const passwordHash = '$argon2id$v=19$m=19456,t=2,p=1$hJda8OIRAZCvw6NIaCz+Fw$IkTnxG0GR5JfYw5lkaIxnYKDrJohcjqASbSM6n5Y1lo'

export type Name = Role | 'client' | 'stranger' | 'operator'

export interface TestPerson {
  id: string
  name: string
  email: string
  role: Role | null
  team: TeamRef | null
  /** For a `Cookie` header. */
  cookie: string
  csrfToken: string
  /** Null for the operator, who is in no team. */
  apiKey: string | null
}

export interface World {
  test: TestDatabase
  services: Services
  authorizer: Authorizer
  clock: TestClock
  acme: TeamRef
  rival: TeamRef
  people: Record<Name, TestPerson>
  /** As the authorizer makes it, in the person's own team unless told. Rejects as a request would. */
  ctx(name: Name, slug?: string): Promise<TeamCtx>
  personCtx(name: Name): Promise<PersonCtx>
  identity(name: Name): Promise<SignedIn>
  /** Everybody as at the start, and nothing else there: cheaper than another world for each test of a file. */
  reset(): Promise<void>
  close(): Promise<void>
}

const names = ['owner', 'admin', 'developer', 'billing', 'viewer', 'client', 'stranger', 'operator'] as const

/** @param changes other parts than the usual ones, such as a configuration with an https address */
export async function world(changes: Partial<Services> = {}): Promise<World> {
  const made = await testServices()
  const { database: test, team: acme } = made
  const clock = testClock()
  const services: Services = { ...made.services, clock: clock.now, ...changes }
  const authorizer = createAuthorizer(services)
  const rival = { id: newId(), slug: 'rival', name: 'Rival' }
  const begin = () => seedPeople(test, services, acme, rival)
  let people = await begin()

  const identity = async (name: Name): Promise<SignedIn> => {
    // As much of a request as the authorizer looks at.
    const request = { url: '/', headers: { cookie: people[name].cookie } }
    const found = await authorizer.identify(request as Parameters<Authorizer['identify']>[0])
    if (found.kind === 'visitor' || found.kind === 'half') throw new Error(`${name} is not signed in`)
    return found
  }

  return {
    test,
    services,
    authorizer,
    clock,
    acme,
    rival,
    get people() {
      return people
    },
    identity,
    reset: async () => {
      people = await begin()
    },
    ctx: async (name, slug = people[name].team?.slug ?? 'acme') =>
      authorizer.teamCtx(await identity(name), slug, 'team:read'),
    personCtx: async (name) => {
      const found = await identity(name)
      if (found.kind !== 'person') throw new Error(`${name} is no person`)
      return PersonCtx.of(services, found)
    },
    close: made.close,
  }
}

const log = ['events', 'event_heads', 'event_cursors']

async function seedPeople(test: TestDatabase, services: Services, acme: TeamRef, rival: TeamRef) {
  const now = services.clock()
  // Tables are small: to empty a file for each of their indexes would take twenty times as long.
  for (const table of ['teams', 'users', 'setup', 'sign_in_attempts', 'refusals', ...log])
    await test.query(`delete from ${table}`)
  await test.query(
    `insert into teams (id, slug, name, created_at) values ($1, 'acme', 'Acme', $3), ($2, 'rival', 'Rival', $3)`,
    [acme.id, rival.id, now],
  )

  const teamOf = (name: Name) => (name === 'operator' ? null : name === 'stranger' ? rival : acme)
  const seeded = await Promise.all(
    names.map(async (name) => [name, await seedPerson(test, services, now, name, teamOf(name))]),
  )
  return Object.fromEntries(seeded) as Record<Name, TestPerson> // Each name got its person.
}

/** Somebody of that role, signed in, with an API key. */
export async function seedPerson(
  test: TestDatabase,
  { config }: Services,
  now: Date,
  name: Name | 'suspended',
  team: TeamRef | null,
): Promise<TestPerson> {
  const session = randomBytes(32)
  const csrf = randomBytes(32)
  const role =
    name === 'stranger' || name === 'suspended' ? 'owner' : name === 'client' || name === 'operator' ? null : name
  const apiKey = team && `hst_${randomBytes(32).toString('base64url')}`
  const person = {
    id: newId(),
    name: `${name[0]?.toUpperCase()}${name.slice(1)}`,
    email: `${name}@example.com`,
  }

  await test.query(
    `with person as (
      insert into users (id, email, name, password_hash, is_operator, created_at, email_verified_at) values ($1, $2, $3, $4, $5, $6, $6)
      returning id
    ), session as (
      insert into sessions (id_hash, user_id, csrf_secret, created_at, last_seen_at, expires_at, password_proved_at)
      select $7::bytea, id, $8::bytea, $6, $6, $9::timestamptz, $6 from person
    ), membership as (
      insert into memberships (team_id, user_id, role, created_at)
      select $10::uuid, id, $11::text, $6 from person where $10::uuid is not null
    )
    insert into api_keys (id, team_id, created_by, name, role, prefix, key_hash, created_at, last_used_at)
    select $12::uuid, $10::uuid, id, 'seeded', coalesce($11::text, 'developer'), $13::text, $14::bytea, $6, $6 from person where $10::uuid is not null`,
    [
      person.id,
      person.email,
      person.name,
      passwordHash,
      name === 'operator',
      now,
      sha256(session),
      csrf,
      new Date(now.getTime() + days(30)),
      team?.id ?? null,
      role,
      newId(),
      apiKey?.slice(0, 10) ?? '',
      sha256(apiKey ?? ''),
    ],
  )
  return {
    ...person,
    role,
    team,
    apiKey,
    cookie: `${cookieName('session', config.baseUrl)}=${session.toString('base64url')}`,
    csrfToken: csrf.toString('base64url'),
  }
}

/** What the client's role allows on its site; deliberately less than any built-in role that may deploy. */
export const clientPermissions: readonly Permission[] = [
  'site:read',
  'deploy:read',
  'deploy:create',
  'domain:read',
  'operation:read',
  'event:read',
  'log:read',
]

/** Gives the client a role of the team's own on that site, and on nothing else. */
export async function makeClientOf(w: Pick<World, 'test' | 'acme' | 'people'>, siteId: string): Promise<void> {
  const [role, now] = [newId(), new Date()]
  await w.test.query('insert into roles (id, team_id, name, permissions, created_at) values ($1, $2, $3, $4, $5)', [
    role,
    w.acme.id,
    'Client',
    clientPermissions,
    now,
  ])
  await w.test.query(
    `insert into role_grants (id, team_id, user_id, role_id, site_id, granted_by, created_at)
     values ($1, $2, $3, $4, $5, 'Owner', $6)`,
    [newId(), w.acme.id, w.people.client.id, role, siteId, now],
  )
}

const sha256 = (text: Buffer | string): Buffer => createHash('sha256').update(text).digest()
