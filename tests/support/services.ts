import { pino } from 'pino'
import type { TeamRef } from '../../server/platform/access/ctx.js'
import { openSignals } from '../../server/platform/db/signals.js'
import { newId } from '../../server/platform/ids.js'
import { createMail } from '../../server/platform/mail/mail.js'
import { parseAllowances } from '../../server/platform/outbound/allowances.js'
import { createOutbound } from '../../server/platform/outbound/outbound.js'
import { bullClasses, openQueues } from '../../server/platform/queue/backend.js'
import { createQueue } from '../../server/platform/queue/queue.js'
import { Secret } from '../../server/platform/secret.js'
import type { Services } from '../../server/platform/services.js'
import { createHosts } from '../../server/platform/ssh/hosts.js'
import { createVault } from '../../server/platform/vault/vault.js'
import { freshDatabase, type TestDatabase } from './database.js'

export interface TestServices {
  services: Services
  database: TestDatabase
  /** A team with nobody in it, for tests below the level of people. */
  team: TeamRef
  close(): Promise<void>
}

/** Also good enough for the configuration of a process of its own. */
export const testSecretKey = 'kX9vQ2mL7pR4tW8zB3nD6fH1jC5gS0yA'

/** Everything a process has, on a database of its own: the same parts as in production, only closer together. */
export async function testServices(changes: Partial<Services> = {}): Promise<TestServices> {
  const database = await freshDatabase()
  const log = pino({ level: process.env.HOSTLER_LOG_LEVEL ?? 'silent' })
  const bull = bullClasses({ kind: 'postgres', loginUrl: database.loginUrl })
  const config = {
    baseUrl: new URL('http://localhost:3000'),
    dataFolder: '/nonexistent',
    isProduction: true,
    leaseSeconds: 30,
  }
  const vault = createVault([new Secret(testSecretKey)])
  const queue = createQueue(openQueues(bull))
  const services: Services = {
    config,
    db: database.db,
    signals: openSignals(database.loginUrl, () => undefined),
    vault,
    queue,
    hosts: createHosts(async () => ({ kind: 'local', name: 'this machine', root: '/nonexistent' })),
    outbound: createOutbound({ allowances: parseAllowances('http://127.0.0.1') }),
    mail: createMail({ config, vault, queue, log }),
    log,
    clock: () => new Date(),
    ...changes,
  }

  const team = { id: newId(), slug: 'acme', name: 'Acme' }
  await database.query('insert into teams values ($1, $2, $3, now())', [team.id, team.slug, team.name])
  return {
    services,
    database,
    team,
    close: async () => {
      await services.queue.close()
      await services.signals.close()
      await services.hosts.close()
      await services.outbound.close()
      await database.close()
    },
  }
}
