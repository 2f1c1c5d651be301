import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { hostileTexts, named } from '../support/hostile-texts.js'
import { type ShopWorld, shopWorld } from '../support/site-world.js'

let w: ShopWorld
beforeAll(async () => {
  w = await shopWorld()
}, 30_000)
afterAll(() => w.close())
beforeEach(() => w.reset())

describe('bad input', () => {
  const fields = [
    'name',
    'branch',
    'rootFolder',
    'buildCommand',
    'startCommand',
    'staticFolder',
    'releaseCommand',
    'nodeVersion',
    'healthPath',
    'port',
    'cpus',
  ] as const

  it.each(named(hostileTexts))('CI-01: %j is kept to the byte or refused, in every field', async (_, text) => {
    await w.create({ name: 'Shop' })
    for (const field of fields) {
      const before = (await w.api('viewer', 'GET', '/sites/shop')).json.site[field]
      const saved = await w.change('shop', { [field]: text })

      expect([200, 400, 413, 422], `${field}: ${saved.text.slice(0, 300)}`).toContain(saved.status)
      const kept = (await w.api('viewer', 'GET', '/sites/shop')).json.site[field]
      expect(kept, field).toEqual(saved.status === 200 ? text : before)
    }
  })

  it.each(named(hostileTexts))('CI-01: %j is no repository', async (_, text) => {
    for (const url of [text, `https://github.com/a/${text}`, `git@github.com:${text}`]) {
      const refused = await w.create({ repositoryUrl: url })
      if (refused.status === 201) expect((await w.row())?.repository_url).toBe(url)
      else expect([400, 413, 422]).toContain(refused.status)
      await w.test.query('delete from sites')
    }
  })

  it.each([
    'ext::sh -c id',
    'file:///etc/passwd',
    '/etc',
    '--upload-pack=id',
    'git://h/a',
    'https://u:p@h/a',
    'fd::17',
  ])('CI-08: %s is no repository', async (repositoryUrl) =>
    expect((await w.create({ repositoryUrl })).json.errors[0].field).toBe('repositoryUrl'),
  )

  it('XT-01: texts of people are only texts on every page', async () => {
    const name = '"><img src=x onerror=alert(1)>{{7*7}}'
    const command = "'-alert(1)-'</script><script>alert(2)</script>"
    expect((await w.create({ name, startCommand: command, buildCommand: '{{range.constructor("x")()}}' })).status).toBe(
      201,
    )
    const slug = (await w.row())?.slug
    const browser = w.browser('owner')

    for (const page of ['', '/deploys', '/releases', '/environment', '/logs', '/settings']) {
      const { status, text } = await browser.get(`/teams/acme/sites/${slug}${page}`)
      expect(status, page).toBe(200)
      expect(text).not.toMatch(/<img src=x|<script>alert|>49</)
      if (page === '/settings') expect(text).toContain('{{range.constructor(')
    }
    expect((await browser.get('/teams/acme/sites')).text).toContain('{{7*7}}')
  })
})
