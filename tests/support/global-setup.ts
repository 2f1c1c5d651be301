import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startEmbedded } from '../../server/platform/db/embedded.js'
import { compileProduct } from './compiled.js'
import { useCluster } from './database.js'

/** For the whole run: the product compiled, and one PostgreSQL, without the cost of durability, with its template migrated. */
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
  await Promise.all([useCluster(postgres.ownerUrl), compileProduct(path.join(folder, 'compiled'))]).catch(
    async (error) => {
      await stop()
      throw error
    },
  )
  return stop
}
