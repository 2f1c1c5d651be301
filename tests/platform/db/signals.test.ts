import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSignals } from '../../../server/platform/db/signals.js'
import { freshDatabase, type TestDatabase } from '../../support/database.js'

const fail = (error: unknown): never => {
  throw error
}

describe('signals', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await freshDatabase()
  })
  afterAll(() => database.close())

  const connections = () =>
    database.query(
      "select from pg_stat_activity where datname = current_database() and application_name = 'hostler signals'",
    )

  it('reach whoever listens', async () => {
    const signals = openSignals(database.loginUrl, fail)
    const told = new Promise((resolve) => {
      signals.on('news', (payload) => payload !== null && resolve(payload))
    })
    while ((await connections()).length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
    await database.query("select pg_notify('news', 'from the owner')")
    expect(await told).toBe('from the owner')
    await signals.close()
    expect(await connections()).toHaveLength(0)
  })

  it('closed before they are connected leave no connection, which would keep the process from ending', async () => {
    const signals = openSignals(database.loginUrl, fail)
    await signals.close()
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(await connections()).toHaveLength(0)
  })
})
