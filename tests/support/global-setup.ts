import { chmod, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { makeMemoryFolder } from '../../bin/lib/test/memory.js'
import { startEmbedded } from '../../server/platform/db/embedded.js'
import { compileProduct } from './compiled.js'
import { useCluster } from './database.js'

/** Nothing outlives the run, and two cores are shared: no durability, no workers beside the one that answers. */
const settings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '128MB',
  autovacuum: 'off',
  // Tables that were never analysed look large, and a worker for each costs more than reading all of them.
  max_parallel_workers_per_gather: '0',
  shared_buffers: '256MB',
  max_connections: '300',
  // Thousands of connections are opened, and nobody has to be kept from guessing what two passwords are.
  scram_iterations: '1',
}

/** For the whole run: the product compiled, and one PostgreSQL, without the cost of durability, with its template migrated. */
export default async function setup(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hostler-test-'))
  await chmod(folder, 0o711)
  const memory = process.env.HOSTLER_TEST_MEMORY ?? (await makeMemoryFolder())
  // By this name, so that who looks for what the run left behind finds its processes.
  await symlink(memory, path.join(folder, 'postgres'))
  const postgres = await startEmbedded(path.join(folder, 'postgres'), settings)
  const stop = async () => {
    await postgres.stop()
    for (const made of [memory, folder]) await rm(made, { recursive: true, force: true })
  }
  await Promise.all([useCluster(postgres.ownerUrl), compileProduct(path.join(folder, 'compiled'))]).catch(
    async (error) => {
      await stop()
      throw error
    },
  )
  return stop
}
