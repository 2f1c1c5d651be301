import { createHash, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { type Database, openDatabase } from '../../server/platform/db/doors.js'
import { ensureLogin } from '../../server/platform/db/login.js'
import { migrate } from '../../server/platform/db/migrate.js'
import { migrateQueue } from '../../server/platform/queue/backend.js'

/** Databases for tests: clones of one migrated template (0.05 s each), dropped when the test is done. */

const sources = path.resolve(import.meta.dirname, '../../migrations')

/** As the product runs them in this process: compiled, if it is (runCompiled). */
export const migrationsFolder = process.env.HOSTLER_TEST_COMPILED
  ? path.join(process.env.HOSTLER_TEST_COMPILED, 'migrations')
  : sources

/** One template per state of the migrations, so that unchanged ones are not run again. */
export function templateName(): string {
  const hash = createHash('sha256')
  for (const file of readdirSync(sources).sort()) hash.update(file).update(readFileSync(path.join(sources, file)))
  return `template_${hash.digest('hex').slice(0, 16)}`
}

/**
 * Makes a database with all migrations in a new cluster, and has `freshDatabase` clone it from now on. Returns what takes
 * that back: files that come later in the same process are not to be cloned from a cluster that is gone.
 */
export async function useCluster(ownerUrl: string): Promise<() => void> {
  const { HOSTLER_TEST_DATABASE_URL, HOSTLER_TEST_LOGIN_URL } = process.env
  const template = new URL(ownerUrl)
  template.pathname = `/${templateName()}`

  const client = new pg.Client({ connectionString: ownerUrl })
  await client.connect()
  try {
    await client.query(`create database ${templateName()}`)
    // The same again, kept as the settings of this cluster have it: initdb knows only its own.
    await client.query(
      `alter role current_user password ${client.escapeLiteral(decodeURIComponent(template.password))}`,
    )
  } finally {
    await client.end()
  }
  await migrate(template.href, migrationsFolder)
  await migrateQueue(template.href)
  process.env.HOSTLER_TEST_DATABASE_URL = ownerUrl
  // Roles belong to the whole cluster, and two tests at once must not both make one: all databases are opened with it.
  process.env.HOSTLER_TEST_LOGIN_URL = await ensureLogin(template.href, Buffer.from('test'), 'hostler_login_test')
  return () => void Object.assign(process.env, { HOSTLER_TEST_DATABASE_URL, HOSTLER_TEST_LOGIN_URL })
}

export interface TestDatabase {
  db: Database
  /** Of the owner, for looking behind the doors and for migrations. */
  ownerUrl: string
  loginUrl: string
  /** One statement as the owner, whom row-level security does not bind. */
  query<Row extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]>
  close(): Promise<void>
}

/** A database of its own, for tests that commit. */
export async function freshDatabase(): Promise<TestDatabase> {
  const { HOSTLER_TEST_DATABASE_URL: clusterUrl, HOSTLER_TEST_LOGIN_URL: clusterLogin } = process.env
  if (!clusterUrl || !clusterLogin) throw new Error('HOSTLER_TEST_DATABASE_URL is set by tests/support/global-setup.ts')
  const name = `test_${randomBytes(6).toString('hex')}`
  await asCluster(clusterUrl, `create database ${name} template ${templateName()} strategy file_copy`)

  const owner = new URL(clusterUrl)
  owner.pathname = `/${name}`
  const login = new URL(clusterLogin)
  login.pathname = owner.pathname
  const loginUrl = login.href
  const pool = new pg.Pool({ connectionString: owner.href, max: 2 })
  pool.on('error', () => undefined)
  const db = openDatabase(loginUrl)

  return {
    db,
    ownerUrl: owner.href,
    loginUrl,
    query: async (sql, values = []) => (await pool.query(sql, values)).rows,
    close: async () => {
      await db.close()
      await pool.end()
      await asCluster(clusterUrl, `drop database if exists ${name} with (force)`)
    },
  }
}

async function asCluster(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(sql).finally(() => client.end())
}
