import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSignals } from '../../../server/platform/db/signals.js'
import { freshDatabase, type TestDatabase } from '../../support/database.js'
import { eventually } from '../../support/sites.js'
import { startTcpProxy } from '../../support/tcp-proxy.js'

const fail = (error: unknown): never => {
  throw error
}

describe('signals', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await freshDatabase()
  })
  afterAll(() => database.close())

  /** What each has asked last. */
  const asked = async () => {
    const from = "from pg_stat_activity where datname = current_database() and application_name = 'hostler signals'"
    return (await database.query<{ query: string }>(`select query ${from}`)).map(({ query }) => query)
  }
  const nobodyIsThere = () => eventually('the end of the connection', async () => (await asked()).length === 0)

  it('reach whoever listens', async () => {
    const signals = openSignals(database.loginUrl, fail)
    const told = new Promise((resolve) => {
      signals.on('news', (payload) => payload !== null && resolve(payload))
    })
    await eventually('a listener', async () => (await asked()).includes('listen "news"'))
    await database.query("select pg_notify('news', 'from the owner')")
    expect(await told).toBe('from the owner')
    await signals.close()
    await nobodyIsThere()
  })

  it('closed before they are connected leave no connection, which would keep the process from ending', async () => {
    const url = new URL(database.loginUrl)
    const proxy = await startTcpProxy(Number(url.port))
    url.port = String(proxy.port)

    await openSignals(url.href, fail).close()

    await eventually('the end of the one connection', async () => proxy.people.ever === 1 && proxy.people.now === 0)
    await nobodyIsThere()
    await proxy.stop()
  })
})
