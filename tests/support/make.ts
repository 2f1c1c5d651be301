import { maybeRepositoryKey } from '../../server/git/repository-key.js'
import { newId } from '../../server/platform/ids.js'
import type { TestDatabase } from './database.js'

/** Rows for tests, with everything that the test does not care about filled in. */

type Values = Record<string, unknown>

export async function insert(database: TestDatabase, table: string, values: Values): Promise<void> {
  const columns = Object.keys(values)
  const marks = columns.map((_, index) => `$${index + 1}`)
  await database.query(
    `insert into ${table} (${columns.join(', ')}) values (${marks.join(', ')})`,
    Object.values(values),
  )
}

let counter = 0

export async function makeServer(
  database: TestDatabase,
  team: { id: string },
  values: Values = {},
): Promise<{ id: string; slug: string }> {
  const made = { id: newId(), slug: `server-${++counter}`, ...values }
  await insert(database, 'servers', {
    team_id: team.id,
    name: made.slug,
    kind: 'local',
    root: '/nonexistent',
    runtime: 'process',
    edge: 'direct',
    status: 'ready',
    created_at: new Date(),
    ...made,
  })
  return made
}

export async function makeSite(
  database: TestDatabase,
  server: { id: string },
  team: { id: string },
  values: Values = {},
): Promise<{ id: string; slug: string }> {
  const made = { id: newId(), slug: `site-${++counter}`, ...values }
  const url = values.repository_url ?? 'https://git.example.com/acme/shop.git'
  await insert(database, 'sites', {
    team_id: team.id,
    server_id: server.id,
    name: made.slug,
    repository_url: url,
    repository_key: maybeRepositoryKey(String(url)),
    branch: 'main',
    credential_kind: 'none',
    runtime: 'process',
    edge: 'direct',
    stack: 'node',
    start_command: 'node server.js',
    port: 10_000 + counter,
    created_at: new Date(),
    ...made,
  })
  return made
}

export async function makeRelease(
  database: TestDatabase,
  site: { id: string },
  team: { id: string },
  values: Values = {},
): Promise<{ id: string }> {
  const made = { id: newId(), ...values }
  await insert(database, 'releases', {
    team_id: team.id,
    site_id: site.id,
    number: 1,
    commit_sha: 'a'.repeat(40),
    commit_subject: 'First',
    commit_author: 'Ada',
    runtime: 'process',
    stack: 'node',
    artifact: '/somewhere',
    settings: '{}',
    environment_sealed: '',
    environment_digests: '{}',
    state: 'kept',
    created_at: new Date(),
    ...made,
  })
  return made
}
