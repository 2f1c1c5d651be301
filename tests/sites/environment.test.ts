import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parseDotenv } from '../../server/sites/dotenv.js'
import { placeholder } from '../../server/sites/variables.js'
import { hostileTexts, named } from '../support/hostile-texts.js'
import { makeSite } from '../support/make.js'
import { type SiteWorld, siteWorld } from '../support/site-world.js'

describe('a pasted .env', () => {
  const values = (text: string) => Object.fromEntries(parseDotenv(text).values)

  it('may have quotes, comments, export, empty values and Windows line ends', () => {
    expect(values('\uFEFFA=1\r\nexport B="two words" # said\r\n# no\r\n\r\nC=\'$HOME # x\'\r\nD=\r\nE=a=b')).toEqual({
      A: '1',
      B: 'two words',
      C: '$HOME # x',
      D: '',
      E: 'a=b',
    })
  })

  it('may have values of several lines', () => {
    const key = '-----BEGIN KEY-----\nabc=\n-----END KEY-----'

    expect(values(`KEY="${key}"\nNEXT=1\nESCAPED="a\\nb"`)).toEqual({ KEY: key, NEXT: '1', ESCAPED: 'a\nb' })
  })

  it('tells of keys that come twice and of lines that are nothing', () => {
    expect(parseDotenv('A=1\nB=2\nA=3')).toMatchObject({ duplicates: ['A'], strange: [] })
    expect(Object.fromEntries(parseDotenv('A=1\nA=3').values)).toEqual({ A: '3' })
    expect(parseDotenv('A=1\nthis is not\n# but this is').strange).toEqual([2])
  })
})

describe('the environment of a site', () => {
  let w: SiteWorld
  let here: string
  beforeAll(async () => {
    w = await siteWorld()
  }, 30_000)
  afterAll(() => w.close())
  beforeEach(async () => {
    await w.reset()
    const site = await makeSite(w.test, w.server, w.acme, { slug: 'shop', name: 'shop' })
    here = `/sites/${site.slug}/environment`
  })

  const add = (variable: object, name: Parameters<SiteWorld['api']>[0] = 'developer') =>
    w.api(name, 'POST', `${here}/variables`, variable)
  const list = async () => (await w.api('developer', 'GET', here)).json.variables
  const change = (key: string, body: object) => w.api('developer', 'PATCH', `${here}/variables/${key}`, body)
  const sealed = async () =>
    (await w.test.query<{ value_sealed: string }>('select value_sealed from environment_variables'))[0]?.value_sealed

  it('keeps secrets sealed and shows the rest', async () => {
    expect((await add({ key: 'TOKEN', value: 'canary-1' })).status).toBe(201)
    expect((await add({ key: 'MODE', value: 'fast', kind: 'run', isSecret: false })).status).toBe(201)

    expect(await list()).toMatchObject([
      { key: 'MODE', kind: 'run', isSecret: false, value: 'fast' },
      { key: 'TOKEN', kind: 'both', isSecret: true, value: null },
    ])
    const page = await w.browser('developer').get(`/teams/acme${here}?edit=TOKEN`)
    const stored = JSON.stringify([
      await w.test.query('select * from environment_variables'),
      await w.test.query('select * from events'),
    ])
    expect(page.status).toBe(200)
    expect(page.text + stored).not.toContain('canary-1')
  })

  it('LG-08: keeps a secret whose dots come back, and takes a new value', async () => {
    await add({ key: 'TOKEN', value: 'canary-1' })
    const before = await list()

    for (const value of [placeholder, '', undefined])
      expect((await change('TOKEN', { value, kind: 'run' })).status).toBe(200)
    const [digest] = await w.test.query('select value_digest from environment_variables')
    await change('TOKEN', { value: 'canary-2' })
    const [newDigest] = await w.test.query('select value_digest from environment_variables')

    expect(before).toHaveLength(1)
    expect(newDigest).not.toEqual(digest)
    expect((await list())[0]).toMatchObject({ kind: 'run', value: null })
  })

  it('LG-08: does not give a secret away by calling it none', async () => {
    await add({ key: 'TOKEN', value: 'canary-1' })

    const refused = await change('TOKEN', { isSecret: false, value: placeholder })

    expect(refused).toMatchObject({ status: 422, json: { errors: [{ field: 'value' }] } })
    expect(refused.text).not.toContain('canary')
    expect((await change('TOKEN', { isSecret: false, value: 'open' })).json.variable.value).toBe('open')
  })

  it('LG-07: seals each value for its own row', async () => {
    await add({ key: 'A', value: 'same' })
    const first = await sealed()
    await change('A', { value: 'same' })

    expect(await sealed()).not.toBe(first)
  })

  it.each([
    'A;id',
    'A=B',
    '1A',
    'A B',
    '',
    'Ä',
    'A\n',
    'PATH',
    'LD_PRELOAD',
    'LD_LIBRARY_PATH',
    'BASH_ENV',
    'ENV',
    'IFS',
    'HOME',
    'GIT_SSH_COMMAND',
    'PORT',
    'NODE_OPTIONS',
  ])('CI-02: refuses the name %j with a reason', async (key) => {
    const refused = await add({ key, value: 'x' })

    expect(refused).toMatchObject({
      status: 422,
      json: { errors: [{ field: 'key', message: expect.stringMatching(/\w{3}/) }] },
    })
    const inText = await w.api('developer', 'POST', `${here}/paste`, { environment: `${key}=1` })
    if (/^[A-Z_]+$/.test(key)) expect(inText.status).toBe(422)
    else await w.test.query('delete from environment_variables')
    expect(await list()).toEqual([])
  })

  it('CI-02: takes NODE_OPTIONS for running, and not for building afterwards', async () => {
    expect((await add({ key: 'NODE_OPTIONS', value: '--max-old-space-size=400', kind: 'run' })).status).toBe(201)
    expect((await change('NODE_OPTIONS', { kind: 'both' })).status).toBe(422)
  })

  it.each(named(hostileTexts))('CI-01: keeps the value %j to the byte or refuses it', async (_, text) => {
    const made = await add({ key: 'A', value: text, isSecret: false })

    expect([201, 400, 413, 422]).toContain(made.status)
    if (made.status === 201) expect((await list())[0].value).toBe(text)
    else expect(await list()).toEqual([])
  })

  it('shows what a whole .env changes before it does, and carries the text sealed', async () => {
    await add({ key: 'SAME', value: '1' })
    await add({ key: 'OLD', value: '1' })
    await add({ key: 'OTHER', value: '1' })
    const text = 'SAME=1\nOLD=canary-9\nNEW=canary-8\nNEW=canary-7'
    const browser = w.browser('developer')
    await browser.get(`/teams/acme${here}`)

    const preview = await browser.post(`/teams/acme${here}/preview`, {
      environment: text,
      newKind: 'run',
      newIsSecret: 'true',
      replace: 'true',
    })
    expect(preview.status).toBe(200)
    expect(preview.text).not.toContain('canary')
    expect(preview.text).toContain('NEW stands twice')
    expect(await list()).toHaveLength(3)

    const box = /name="sealed" value="([^"]+)"/.exec(preview.text)?.[1] ?? ''
    const saved = await browser.post(`/teams/acme${here}/paste`, {
      sealed: box,
      newKind: 'run',
      newIsSecret: 'true',
      replace: 'true',
    })
    expect(saved.status).toBe(303)
    expect((await list()).map(({ key, kind }: { key: string; kind: string }) => [key, kind])).toEqual([
      ['NEW', 'run'],
      ['OLD', 'both'],
      ['SAME', 'both'],
    ])
    const [event] = await w.test.query(
      "select data from events where type = 'site.environment-changed' order by sequence desc limit 1",
    )
    expect(event?.data).toEqual({ added: ['NEW'], changed: ['OLD'], removed: ['OTHER'] })
  })

  it('opens a sealed text for nobody else and for no other site', async () => {
    const other = await makeSite(w.test, w.server, w.acme)
    const browser = w.browser('developer')
    await browser.get(`/teams/acme${here}`)
    const preview = await browser.post(`/teams/acme${here}/preview`, { environment: 'A=1' })
    const sealed = /name="sealed" value="([^"]+)"/.exec(preview.text)?.[1] ?? ''

    const admin = w.browser('admin')
    await admin.get(`/teams/acme${here}`)
    expect((await admin.post(`/teams/acme${here}/paste`, { sealed })).status).toBe(422)
    expect((await browser.post(`/teams/acme/sites/${other.slug}/environment/paste`, { sealed })).status).toBe(422)
  })

  it('is refused for viewers and not there for strangers', async () => {
    await add({ key: 'TOKEN', value: 'canary-1' })

    expect((await w.api('viewer', 'GET', here)).status).toBe(403)
    expect((await add({ key: 'B', value: '' }, 'viewer')).status).toBe(403)
    expect((await w.api('stranger', 'GET', here)).status).toBe(404)
    expect((await w.api('stranger', 'DELETE', `${here}/variables/TOKEN`)).status).toBe(404)
    expect(await list()).toHaveLength(1)
  })

  it('adds twice once, and removes what is there', async () => {
    await add({ key: 'A', value: '1' })

    expect((await add({ key: 'A', value: '2' })).status).toBe(422)
    expect((await w.api('developer', 'DELETE', `${here}/variables/A`)).status).toBe(204)
    expect((await w.api('developer', 'DELETE', `${here}/variables/A`)).status).toBe(404)
  })
})
