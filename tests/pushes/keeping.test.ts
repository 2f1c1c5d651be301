import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { mentionedRepositories } from '../../server/pushes/mentioned.js'
import { type PushWorld, pushOf, pushWorld, shop } from '../support/push-world.js'

const other = 'https://github.com/initech/other.git'

describe('deliveries that come together', () => {
  let w: PushWorld
  beforeAll(async () => {
    w = await pushWorld()
  })
  afterAll(() => w.close())
  beforeEach(() => w.reset())

  it('are answered with what became of them when one of them cannot be looked at', async () => {
    const secret = await w.connect()
    await w.connect(other)
    await w.deliver(secret, pushOf())
    await w.test.query("update repository_connections set secret_sealed = 'v1.gone' where repository_key like '%other'")

    const good = Array.from({ length: 20 }, () => w.deliver(secret, pushOf()))
    const broken = w.deliver('a guess', pushOf({ repository: { clone_url: other } }))

    for (const { status, json } of await Promise.all(good)) expect([status, json.state]).toEqual([202, 'received'])
    expect((await broken).status).toBe(500)
    expect(await w.test.query('select 1 from webhook_deliveries')).toHaveLength(21)
  })

  it('are counted once where they are refused, however their neighbours fare', async () => {
    const secret = await w.connect()

    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => w.deliver(index % 2 === 0 ? secret : 'a guess', pushOf())),
    )

    expect(answers.map(({ status }) => status)).toEqual(answers.map((_, index) => (index % 2 === 0 ? 202 : 401)))
    expect(await w.test.query('select why, count from refused_deliveries')).toEqual([
      { why: 'bad-signature', count: 10 },
    ])
  })
})

it('holds on to nothing of what anybody may send but the addresses in it', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void // `as`: the flag above makes it be there
  const megabytes = 2
  const read = (index: number) => {
    const filler = 'x'.repeat(megabytes * 1024 * 1024)
    const text = Buffer.from(`{"clone_url":"https://github.com/somebody/number-${index}.git","filler":"${filler}"}`)
    expect(mentionedRepositories(text.toString())).toEqual([`github.com/somebody/number-${index}`])
  }
  collect()
  const before = process.memoryUsage().heapUsed

  for (let index = 0; index < 20; index++) read(index)

  collect()
  expect((process.memoryUsage().heapUsed - before) / 1024 ** 2).toBeLessThan(10 * megabytes)
  expect(mentionedRepositories(`{"clone_url":"${shop}"}`)).toEqual(['github.com/acme/shop'])
})
