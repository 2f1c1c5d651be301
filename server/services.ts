import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Config } from './config.js'
import { openDatabase } from './platform/db/doors.js'
import { type EmbeddedPostgres, startEmbedded } from './platform/db/embedded.js'
import { ensureLogin } from './platform/db/login.js'
import { migrate } from './platform/db/migrate.js'
import { openSignals } from './platform/db/signals.js'
import { createLog } from './platform/log.js'
import { createMail } from './platform/mail/mail.js'
import { createOutbound } from './platform/outbound/outbound.js'
import { type BullClasses, bullClasses, migrateQueue, openQueues } from './platform/queue/backend.js'
import { createQueue } from './platform/queue/queue.js'
import type { Services } from './platform/services.js'
import { createHosts } from './platform/ssh/hosts.js'
import { deriveKey } from './platform/vault/keys.js'
import { createVault } from './platform/vault/vault.js'
import { ensureDataFolder, ownSecretKey } from './secret-key.js'
import { hostDoors } from './servers/servers.js'

export interface OpenServices {
  services: Services
  bull: BullClasses
  /** Null with a database of one's own. It outlives `close`: other processes may be using it. */
  embedded: EmbeddedPostgres | null
  close(): Promise<void>
}

const migrations = fileURLToPath(new URL('../migrations/', import.meta.url))

/**
 * Builds, once a process, what everything else is handed. Web server, worker and CLI may do so at the same time: what is
 * made here is made once, under locks. Throws `UserError` for what a person has to mend.
 */
export async function openServices(config: Config): Promise<OpenServices> {
  await ensureDataFolder(config.dataFolder)
  const secret = config.secretKey ?? (await ownSecretKey(config.dataFolder))
  const embedded = config.databaseUrl ? null : await startEmbedded(path.join(config.dataFolder, 'postgres'))
  const ownerUrl = config.databaseUrl?.reveal() ?? embedded?.ownerUrl ?? ''
  await migrate(ownerUrl, migrations)
  if (!config.redisUrl) await migrateQueue(ownerUrl)
  const loginUrl = await ensureLogin(ownerUrl, deriveKey(secret.reveal(), 'database-login'))

  const log = createLog(config.logLevel)
  const bull = bullClasses(
    config.redisUrl ? { kind: 'redis', url: config.redisUrl, prefix: 'hostler' } : { kind: 'postgres', loginUrl },
    (error) => log.warn({ err: error }, 'The connection of a queue was lost'),
  )
  const doors = {
    db: openDatabase(loginUrl),
    vault: createVault(config.previousSecretKey ? [secret, config.previousSecretKey] : [secret]),
    log,
    clock: () => new Date(),
  }
  const queue = createQueue(openQueues(bull))
  const services: Services = {
    ...doors,
    config,
    signals: openSignals(loginUrl, (error) => log.warn({ err: error }, 'The connection for signals was lost')),
    queue,
    hosts: createHosts(...hostDoors(doors)),
    outbound: createOutbound({ allowances: config.outboundAllow }),
    mail: createMail({ ...doors, config, queue }),
  }
  return { services, bull, embedded, close: () => closeAll(services) }
}

async function closeAll({ queue, hosts, outbound, signals, db }: Services): Promise<void> {
  await queue.close()
  await hosts.close()
  await outbound.close()
  await signals.close()
  await db.close()
}
