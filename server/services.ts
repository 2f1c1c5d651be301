import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import type { Config } from './config.js'
import { openDatabase } from './platform/db/doors.js'
import { startEmbedded } from './platform/db/embedded.js'
import { ensureLogin } from './platform/db/login.js'
import { migrate } from './platform/db/migrate.js'
import { openSignals } from './platform/db/signals.js'
import { type BullClasses, bullClasses, migrateQueue } from './platform/queue/backend.js'
import { createQueue } from './platform/queue/queue.js'
import { Secret } from './platform/secret.js'
import type { Services } from './platform/services.js'
import { createHosts } from './platform/ssh/hosts.js'
import { deriveKey } from './platform/vault/keys.js'
import { createVault } from './platform/vault/vault.js'
import { hostDoors } from './servers/servers.js'

export interface OpenServices {
  services: Services
  bull: BullClasses
  close(): Promise<void>
}

/** Builds, once a process, what everything else is handed. The web server and the worker may do so at the same time. */
export async function openServices(config: Config): Promise<OpenServices> {
  const secret = config.secretKey ?? (await ownSecret(config.dataFolder))
  const ownerUrl =
    config.databaseUrl?.reveal() ?? (await startEmbedded(path.join(config.dataFolder, 'postgres'))).ownerUrl
  await migrate(ownerUrl, fileURLToPath(new URL('../migrations/', import.meta.url)))
  if (!config.redisUrl) await migrateQueue(ownerUrl)
  const loginUrl = await ensureLogin(ownerUrl, deriveKey(secret.reveal(), 'database-login'))

  const log = pino({ level: config.logLevel })
  const bull = bullClasses(
    config.redisUrl ? { kind: 'redis', url: config.redisUrl, prefix: 'hostler' } : { kind: 'postgres', loginUrl },
  )
  const db = openDatabase(loginUrl)
  const vault = createVault(config.previousSecretKey ? [secret, config.previousSecretKey] : [secret])
  const base = { db, vault, log, clock: () => new Date() }
  const services: Services = {
    ...base,
    config,
    signals: openSignals(loginUrl, (error) => log.warn({ err: error }, 'signals')),
    queue: createQueue({ operations: bull.makeQueue('operations'), short: bull.makeQueue('short') }),
    hosts: createHosts(...hostDoors(base)),
  }

  return {
    services,
    bull,
    close: async () => {
      await services.queue.close()
      await services.hosts.close()
      await services.signals.close()
      await services.db.close()
    },
  }
}

/** Made at the first start. Of two processes that start at once, the later one reads what the earlier one wrote. */
async function ownSecret(dataFolder: string): Promise<Secret> {
  const file = path.join(dataFolder, 'secret-key')
  await mkdir(dataFolder, { recursive: true, mode: 0o711 })
  await writeFile(file, `${randomBytes(48).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' }).catch((error) => {
    if (error.code !== 'EEXIST') throw error
  })
  return new Secret((await readFile(file, 'utf8')).trim())
}
