import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { paths } from '../../server/paths.js'
import { proveSaml } from '../../server/sign-in-connections/saml.js'
import { answerOf, entityId, metadataOf, partsFor, requestIn, type SamlKey, samlKey } from '../support/saml-provider.js'
import { begin, connectBySaml, type SignInWorld, signInWorld } from '../support/sign-in-world.js'

describe('answers that anybody sends in the name of a SAML provider', () => {
  let w: SignInWorld
  let key: SamlKey

  beforeAll(async () => {
    w = await signInWorld()
    key = samlKey()
  })
  beforeEach(() => w.reset())
  afterAll(() => w.close())

  it.each([
    ['whose elements never end', '<SignatureMethod ', ''],
    ['whose elements stand beside one another', '<a/>', ''],
    ['whose elements stand in one another', '<a xmlns:b="c">', '</a>'],
    ['full of signatures', '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>', ''],
    ['full of attributes', '<SignatureMethod Algorithm Algorithm', '/>'],
  ])('SO-01: keeps nobody waiting by an answer of the full size %s', async (_what, opening, closing) => {
    const times = Math.floor((255 * 1024) / (opening.length + closing.length))
    const filled = opening.repeat(times) + closing.repeat(times)
    const response = Buffer.from(`<Response InResponseTo="_a"><Assertion>${filled}</Assertion></Response>`)
    const parties = { entityId, ssoUrl: entityId, certificates: [key.certificate], ownId: 'panel', acsUrl: 'panel' }
    const answer = { response: response.toString('base64'), requestId: '_a', isWaited: async () => true }
    const before = process.cpuUsage()

    await expect(proveSaml(parties, answer)).rejects.toMatchObject({ reason: 'not-proven' })

    const { user, system } = process.cpuUsage(before)
    expect((user + system) / 1000).toBeLessThan(500)
  })

  it('RL-01: looks at so many of an address that are not believed, and forgets those that are', async () => {
    const id = await connectBySaml(w, metadataOf(key))
    await w.know(id, 'ada', 'admin')
    const post = (xml: string, relayState: string) =>
      fetch(`${w.panel.url}${paths.signInBySaml(id)}`, {
        ...{ method: 'POST', redirect: 'manual' },
        body: new URLSearchParams({ SAMLResponse: Buffer.from(xml).toString('base64'), RelayState: relayState }),
      })
    const comesBack = async () => {
      const asked = requestIn(await begin(w.panel.browser(), id))
      return (await post(answerOf(partsFor(asked, 'ada'), key), asked.relayState)).status
    }
    const counted = (failures: number) =>
      w.test.query(`update sign_in_attempts set failures = $1 where key like 'saml:%'`, [failures])

    expect((await post('nonsense', 'nobody')).status).toBe(403)
    await counted(99)
    expect([await comesBack(), await comesBack()]).toEqual([303, 303])
    await counted(100)
    expect(await comesBack()).toBe(429)
  })
})
