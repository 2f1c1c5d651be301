import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startEmbedded } from '../../server/platform/db/embedded.js'
import { useCluster } from './database.js'

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
  await useCluster(postgres.ownerUrl).catch(async (error) => {
    await stop()
    throw error
  })
  return stop
}
