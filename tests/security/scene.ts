import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { AppOptions } from '../../server/app.js'
import { cookieName } from '../../server/platform/http/cookies.js'
import { routes } from '../../server/routes.js'
import { minutes } from '../support/clock.js'
import { keepRows } from '../support/kept-rows.js'
import { startTestPanel, type TestPanel } from '../support/panel.js'
import { makeClientOf, type Name, seedPerson, type TestPerson } from '../support/people.js'
import { type ServersWorld, serversWorld } from '../support/servers.js'
import type { Entrance, Who } from './entrances.js'
import { seedMail } from './seed-mail.js'
import { hookOf } from './seed-pushes.js'
import { type Seeded, seedTeam, type Texts } from './seeds.js'

/** The panel with two teams that have one of everything, and a way to knock at each of its entrances as anybody. */
export interface Scene {
  readonly w: ServersWorld
  readonly panel: TestPanel
  readonly acme: Seeded
  readonly rival: Seeded
  /** Everything as at the start, also what routes have changed. */
  reset(texts?: Texts): Promise<void>
  /** The address of an entrance with real things of `team` in it, or what `other` says stands for a parameter. */
  address(entrance: Entrance, team?: Seeded, other?: Readonly<Record<string, string>>): Promise<string>
  /** What lets them in on that face: a key on the API, a session with its token on pages. */
  credentials(who: Who, face: Entrance['face']): Record<string, string>
  close(): Promise<void>
}

/** Half of a walk is refusals; to write each into the audit log (tests/audit) would take as long as the walk. */
export const quietly: AppOptions = { onDenied: async () => undefined }

export async function startScene(texts: Texts = {}): Promise<Scene> {
  const w = await serversWorld()
  const panel = await startTestPanel(w, routes, quietly)
  let seeded = await seed(w, texts)
  const columns = await columnsOf(w)
  const filled = new Map<string, string>()
  let kept: { texts: Texts; bringBack: () => Promise<void> } | undefined
  const usual = async (path: string, team: Seeded) => {
    const key = `${path} ${team.team.slug}`
    const address = filled.get(key) ?? (await fill(w, columns, path, team, {}))
    filled.set(key, address)
    return address
  }

  const scene: Scene = {
    w,
    panel,
    get acme() {
      return seeded.acme
    },
    get rival() {
      return seeded.rival
    },
    reset: async (again = texts) => {
      filled.clear()
      if (kept?.texts === again) return kept.bringBack()
      seeded = await seed(w, again)
      kept = { texts: again, bringBack: await keepRows(w.test) }
    },
    address: async ({ path }, team = seeded.acme, other) =>
      other ? fill(w, columns, path, team, other) : usual(path, team),
    credentials: (who, face) => {
      if (who === 'nobody') return {}
      if (who === 'half') return seeded.half
      return credentialsOf(w, who === 'suspended' ? seeded.suspended : w.people[who], face)
    },
    close: async () => {
      await panel.close()
      await w.close()
    },
  }
  return scene
}

async function seed(w: ServersWorld, texts: Texts) {
  await w.test.query('truncate teams, users, mails cascade')
  await w.reset()
  const acme = await seedTeam(w, w.acme, 1, texts)
  const rival = await seedTeam(w, w.rival, 7001)
  await makeClientOf(w, acme.siteId)
  await seedMail(w, texts)
  return { acme, rival, half: await seedHalf(w), suspended: await seedSuspended(w) }
}

/** An owner whom the operator suspended, and whose session and key somehow outlived that. */
async function seedSuspended({ test, services, acme }: ServersWorld): Promise<TestPerson> {
  const person = await seedPerson(test, services, services.clock(), 'suspended', acme)
  await test.query('update users set disabled_at = $2 where id = $1', [person.id, services.clock()])
  return person
}

/** The owner, who has given the password in another browser, and not yet the second factor. */
async function seedHalf({ test, services, people }: ServersWorld): Promise<Record<string, string>> {
  const [session, csrf] = [randomBytes(32), randomBytes(32)]
  const now = services.clock()
  await test.query(
    `insert into sessions (id_hash, user_id, csrf_secret, is_half, created_at, last_seen_at, expires_at)
     values ($1, $2, $3, true, $4, $4, $5)`,
    [createHash('sha256').update(session).digest(), people.owner.id, csrf, now, new Date(now.getTime() + minutes(10))],
  )
  const { baseUrl } = services.config
  const cookie = `${cookieName('session', baseUrl)}=${session.toString('base64url')}`
  return { cookie, 'x-csrf-token': csrf.toString('base64url'), origin: baseUrl.origin }
}

/** `/sites/:site` is the row of the table `sites`, called as its address calls it. */
async function fill(
  w: ServersWorld,
  columns: ReadonlyMap<string, ReadonlySet<string>>,
  path: string,
  seeded: Seeded,
  other: Readonly<Record<string, string>>,
): Promise<string> {
  const filled: string[] = []
  for (const [index, part] of path.split('/').entries()) {
    const noun = path.split('/')[index - 1] ?? ''
    filled.push(part.startsWith(':') ? (other[part] ?? (await nameOfRow(w, columns, noun, seeded))) : part)
  }
  return filled.join('/')
}

async function nameOfRow(
  w: ServersWorld,
  columns: ReadonlyMap<string, ReadonlySet<string>>,
  noun: string,
  { team }: Seeded,
): Promise<string> {
  if (noun === 'teams') return team.slug
  if (noun === 'deploy-hooks') return hookOf(team)
  if (noun === 'members') return w.people[team.slug === 'acme' ? 'viewer' : 'stranger'].id
  if (noun === 'mail') return mailOf(w)
  // Nobody in the scene has one: whoever has would be asked for it.
  if (noun === 'passkeys') return nowhere()
  if (noun === 'ResourceTypes') return 'User'
  if (noun === 'Schemas') return 'urn:ietf:params:scim:schemas:core:2.0:User'
  if (noun === 'people') return w.people[team.slug === 'acme' ? 'viewer' : 'stranger'].id
  if (noun === 'identities') return identityOf(w, team.slug === 'acme' ? 'owner' : 'stranger')
  if (noun === 'sessions') return sessionOf(w, team.slug === 'acme' ? 'owner' : 'stranger')
  const table = tablesOf[noun] ?? noun.replaceAll('-', '_')
  const column = ['slug', 'number', 'key', 'id'].find((name) => columns.get(table)?.has(name))
  const [row] = column
    ? await w.test.query<{ name: string }>(
        `select ${column}::text as name from ${table} where team_id = $1 order by 1 limit 1`,
        [team.id],
      )
    : []
  if (!row) throw new Error(`Seed a row of ${table} in tests/security/seeds.ts: an address has /${noun}/…`)
  return row.name
}

/** Where the word in the address is not the table's. */
const tablesOf: Readonly<Record<string, string>> = {
  drafts: 'site_drafts',
  variables: 'environment_variables',
  connections: 'repository_connections',
  deliveries: 'webhook_deliveries',
  v2: 'sign_in_connections',
  Users: 'directory_users',
  Groups: 'directory_groups',
}

/** Of no team: one that was given up, so that it can be tried again. */
async function mailOf(w: ServersWorld): Promise<string> {
  const [row] = await w.test.query<{ id: string }>('select id from mails')
  return row?.id ?? ''
}

async function identityOf(w: ServersWorld, name: Name): Promise<string> {
  const [row] = await w.test.query<{ id: string }>('select id from identities where user_id = $1', [w.people[name].id])
  return row?.id ?? ''
}

async function sessionOf(w: ServersWorld, name: Name): Promise<string> {
  const sql = 'select id_hash from sessions where user_id = $1 and not is_half'
  const [row] = await w.test.query<{ id_hash: Buffer }>(sql, [w.people[name].id])
  return row?.id_hash.toString('base64url') ?? ''
}

async function columnsOf(w: ServersWorld): Promise<Map<string, Set<string>>> {
  const rows = await w.test.query<{ table_name: string; names: string[] }>(
    `select table_name, array_agg(column_name::text) as names from information_schema.columns
     where table_schema = 'public' group by 1`,
  )
  return new Map(rows.map((row) => [row.table_name, new Set(row.names)]))
}

function credentialsOf(w: ServersWorld, person: TestPerson, face: Entrance['face']): Record<string, string> {
  if (face !== 'page' && person.apiKey) return { authorization: `Bearer ${person.apiKey}` }
  return { cookie: person.cookie, 'x-csrf-token': person.csrfToken, origin: w.services.config.baseUrl.origin }
}

export const nowhere = (): string => randomUUID()
