import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { bringCaSettings } from '../../server/domains/ca-settings.js'
import { makeServer, makeSite } from '../support/make.js'
import { type World, world } from '../support/people.js'

let w: World
beforeAll(async () => {
  w = await world()
}, 30_000)
afterAll(() => w.close())

/** As the operator does, and starts the panel anew. */
async function startWith(email: string | null): Promise<number> {
  const acme = email === null ? undefined : { url: null, email, rootFile: null, externalAccount: null }
  Object.assign(w.services, { config: { ...w.services.config, acme } })
  await bringCaSettings(w.services)
  const [front] = await w.test.query<{ revision: number }>('select revision::int as revision from fronts')
  return front?.revision ?? 0
}

describe('the settings of the CA', () => {
  beforeEach(async () => {
    await w.test.query('delete from sites')
    await w.test.query('delete from servers')
    const server = await makeServer(w.test, w.acme, { edge: 'caddy' })
    const site = await makeSite(w.test, server, w.acme, { edge: 'caddy' })
    // As it is for a site that was set up before they were remembered.
    await w.test.query(
      'insert into fronts (site_id, team_id, revision, applied_revision, applied_ca) values ($1, $2, 7, 7, null)',
      [site.id, w.acme.id],
    )
  })

  it.each([null, 'ops@example.com'])('are not brought out once more by the upgrade: %s', async (email) => {
    expect([await startWith(email), await startWith(email)]).toEqual([7, 7])
  })

  it.each([
    [null, 'ops@example.com'],
    ['ops@example.com', 'others@example.com'],
    ['ops@example.com', null],
  ])('are brought out after the upgrade when they change from %s to %s', async (before, after) => {
    expect([await startWith(before), await startWith(after)]).toEqual([7, 8])
  })
})
