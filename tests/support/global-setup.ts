import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { startEmbedded } from '../../server/platform/db/embedded.js'
import { ensureLogin } from '../../server/platform/db/login.js'
import { migrate } from '../../server/platform/db/migrate.js'
import { migrateQueue } from '../../server/platform/queue/backend.js'
import { migrationsFolder, templateName, testLogin } from './database.js'

/** One PostgreSQL for the whole run, without the cost of durability, with the migrations already run in a template. */
export default async function setup(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hostler-test-'))
  await chmod(folder, 0o711)
  const postgres = await startEmbedded(path.join(folder, 'postgres'), {
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    max_connections: '300',
  })
  const stop = async () => {
    await postgres.stop()
    await rm(folder, { recursive: true, force: true })
  }
  await makeTemplate(postgres.ownerUrl).catch(async (error) => {
    await stop()
    throw error
  })
  process.env.HOSTLER_TEST_DATABASE_URL = postgres.ownerUrl
  return stop
}

async function makeTemplate(ownerUrl: string): Promise<void> {
  const template = new URL(ownerUrl)
  template.pathname = `/${templateName()}`

  const client = new pg.Client({ connectionString: ownerUrl })
  await client.connect()
  await client.query(`create database ${templateName()}`).finally(() => client.end())
  await migrate(template.href, migrationsFolder)
  await migrateQueue(template.href)
  // Roles belong to the whole cluster: two tests at once must not both make it.
  await ensureLogin(template.href, testLogin.key, testLogin.name)
}
