import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { paths } from '../../server/paths.js'
import { answerOf, metadataOf, partsFor, requestIn, type SamlKey, samlKey } from '../support/saml-provider.js'
import { begin, comeBack, connectBySaml, refusals, type SignInWorld, signInWorld } from '../support/sign-in-world.js'

describe('a sign-in that is unlinked', () => {
  let w: SignInWorld
  let key: SamlKey

  beforeAll(async () => {
    w = await signInWorld()
    key = samlKey()
  })
  beforeEach(() => w.reset())
  afterAll(() => w.close())

  const waiting = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`

  it('SE-03: lets nobody in who comes by it in the same moment', async () => {
    const id = await connectBySaml(w, metadataOf(key))
    await w.know(id, 'ada', 'admin')
    const browser = w.panel.browser()
    const asked = requestIn(await begin(browser, id))
    const answer = Buffer.from(answerOf(partsFor(asked, 'ada'), key)).toString('base64')
    const taken = await fetch(`${w.panel.url}${paths.signInBySaml(id)}`, {
      ...{ method: 'POST', redirect: 'manual' },
      body: new URLSearchParams({ SAMLResponse: answer, RelayState: asked.relayState }),
    })
    const back = new URL(taken.headers.get('location') ?? '', w.panel.url)
    let came: ReturnType<typeof comeBack> | undefined
    await w.services.db.asIdentity(async (db) => {
      await db('identities').delete()
      came = comeBack(browser, back)
      await vi.waitFor(async () => expect(await w.test.query(waiting)).toHaveLength(1), { timeout: 10_000 })
    })

    expect((await came)?.status).toBe(403)
    expect(await refusals(w)).toEqual(['account-exists'])
    expect(await w.test.query('select 1 from sessions where connection_id is not null')).toEqual([])
  })
})
