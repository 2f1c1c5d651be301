import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parseDomainName } from '../../server/domains/names.js'
import { hostileTexts, named } from '../support/hostile-texts.js'
import { makeSite } from '../support/make.js'
import type { Name } from '../support/people.js'
import { type SiteWorld, siteWorld } from '../support/site-world.js'

let w: SiteWorld
let here: string
beforeAll(async () => {
  w = await siteWorld()
}, 30_000)
afterAll(() => w.close())
beforeEach(async () => {
  await w.reset()
  const site = await makeSite(w.test, w.server, w.acme, { slug: 'shop', name: 'shop', edge: 'caddy' })
  here = `/sites/${site.slug}/domains`
})

const add = (name: string, more: object = {}, who: Name = 'developer') => w.api(who, 'POST', here, { name, ...more })
const list = async () => (await w.api('viewer', 'GET', here)).json.domains
const parsed = (text: string): string[] => {
  try {
    return [parseDomainName(text)]
  } catch {
    return []
  }
}
const roles = async () => (await list()).map(({ name, role }: { name: string; role: string }) => `${name} ${role}`)

describe('the domains of a site', () => {
  it('begin with the primary one; the others redirect to it', async () => {
    const first = await add('WWW.Example.com.')
    await add('example.com')
    await add('old.example.com', { role: 'serve' })

    expect(first).toMatchObject({ status: 201, json: { domain: { name: 'www.example.com', state: 'unverified' } } })
    expect(await roles()).toEqual(['www.example.com primary', 'example.com redirect', 'old.example.com serve'])
  })

  it('have one primary domain, which another may become', async () => {
    const { domain: www } = (await add('www.example.com')).json
    const { domain: apex } = (await add('example.com')).json

    const made = await w.api('developer', 'PATCH', `${here}/${apex.id}`, { role: 'primary' })

    expect(made.status).toBe(200)
    expect(await roles()).toEqual(['example.com primary', 'www.example.com redirect'])
    const refused = await w.api('developer', 'PATCH', `${here}/${apex.id}`, { role: 'serve' })
    expect(refused).toMatchObject({ status: 422, json: { errors: [{ field: 'role' }] } })
    expect((await w.api('developer', 'DELETE', `${here}/${apex.id}`)).status).toBe(204)
    expect(await roles()).toEqual(['www.example.com primary'])
    expect((await w.api('developer', 'DELETE', `${here}/${apex.id}`)).status).toBe(404)
    expect(www.role).toBe('primary')
  })

  it('cannot have a wildcard as the primary one', async () => {
    const { domain } = (await add('*.example.com')).json

    expect(domain.role).toBe('redirect')
    expect((await w.api('developer', 'PATCH', `${here}/${domain.id}`, { role: 'primary' })).status).toBe(409)
    await add('www.example.com')
    expect(await roles()).toEqual(['www.example.com primary', '*.example.com redirect'])
  })

  it('show an international name in both forms, and the records that it needs', async () => {
    const { domain } = (await add('bücher.example.com')).json

    const { json } = await w.api('viewer', 'GET', `${here}/${domain.id}`)
    const page = await w.browser('viewer').get(`/teams/acme${here}/${domain.id}`)

    expect(json.domain).toMatchObject({ name: 'xn--bcher-kva.example.com', unicodeName: 'bücher.example.com' })
    expect(json.proof).toMatchObject({ type: 'TXT', name: '_hostler.xn--bcher-kva.example.com' })
    expect(json.proof.value).toMatch(/^hostler=[\w-]{32}$/)
    expect(page.text).toContain('bücher.example.com')
    expect(page.text).toContain(json.proof.value)
  })

  it('have buttons that copy the name and the value of each record', async () => {
    w.services.config.baseUrl.hostname = '203.0.113.7'
    const { domain } = (await add('www.example.com')).json

    const { json } = await w.api('viewer', 'GET', `${here}/${domain.id}`)
    const page = await w.browser('viewer').get(`/teams/acme${here}/${domain.id}`)

    w.services.config.baseUrl.hostname = 'localhost'
    const button = (text: string, what: string) =>
      `<button class="icon-button copy" type="button" data-copy="${text}" aria-label="Copy ${what}">`
    expect(json.pointing).toEqual([{ type: 'A', name: 'www.example.com', value: '203.0.113.7' }])
    for (const [text, what] of [
      [json.proof.name, 'the name of the proof'],
      [json.proof.value, 'the value of the proof'],
      ['www.example.com', 'the name of the record'],
      ['203.0.113.7', 'the value of the record'],
    ])
      expect(page.text, what).toContain(button(text, what))
  })

  it.each([
    'www.example.x',
    '*.example.x',
    'www.example.-x',
    'www.example.x-',
    'example',
    '*.com',
    `www.example.${'x'.repeat(64)}`,
    `${'a.'.repeat(122)}example.com`,
    `*.${'a.'.repeat(121)}example.com`,
  ])('are refused beside the field where the database would refuse them: %s', async (name) => {
    expect(await add(name)).toMatchObject({ status: 422, json: { errors: [{ field: 'name' }] } })
  })

  it('are names that the database takes, whatever was typed', async () => {
    const [check] = await w.test.query<{ is_good: string }>(
      "select pg_get_expr(conbin, conrelid) as is_good from pg_constraint where conname = 'domains_name_check'",
    )
    const part = fc.stringMatching(/^[a-z0-9-]{1,4}$/)
    const typed = fc.tuple(fc.constantFrom('', '*.'), fc.array(part, { minLength: 1, maxLength: 4 }))
    const taken = fc.sample(typed, 3000).flatMap(([star, parts]) => parsed(`${star}${parts.join('.')}`))
    const refused = await w.test.query(`select name from unnest($1::text[]) as name where not (${check?.is_good})`, [
      taken,
    ])

    expect(taken.length).toBeGreaterThan(100)
    expect(refused).toEqual([])
  })

  it('keep the proof of a name that is removed and comes back', async () => {
    const proof = async () => {
      const { domain } = (await add('www.example.com')).json
      const { json } = await w.api('viewer', 'GET', `${here}/${domain.id}`)
      await w.api('developer', 'DELETE', `${here}/${domain.id}`)
      return json.proof.value
    }

    expect(await proof()).toBe(await proof())
  })

  it.each(['WWW.EXAMPLE.COM', 'www.example.com.', 'ｗｗｗ.example.com'])(
    'RC-04: are in the team once, also as %j and on another site',
    async (spelling) => {
      await add('www.example.com')
      await makeSite(w.test, w.server, w.acme, { slug: 'blog' })

      const twice = await add(spelling)
      const elsewhere = await w.api('developer', 'POST', '/sites/blog/domains', { name: spelling })

      expect(twice).toMatchObject({ status: 422, json: { errors: [{ field: 'name' }] } })
      expect(elsewhere).toMatchObject({
        status: 422,
        json: { errors: [{ field: 'name', message: 'Another site of your team has www.example.com already' }] },
      })
    },
  )

  it('are refused beside the field in the form, with what was typed', async () => {
    const browser = w.browser('developer')
    await browser.get(`/teams/acme${here}`)

    const refused = await browser.post(`/teams/acme${here}`, { name: 'https://example.com' })

    expect(refused.status).toBe(422)
    expect(refused.text).toContain('Give the name alone')
    expect(refused.text).toContain('value="https://example.com"')
  })

  it('take the panel’s own name from nobody', async () => {
    w.services.config.baseUrl.hostname = 'panel.example.com'

    const refused = [await add('panel.example.com'), await add('*.example.com')]

    w.services.config.baseUrl.hostname = 'localhost'
    for (const answer of refused) expect(answer).toMatchObject({ status: 422, json: { errors: [{ field: 'name' }] } })
  })

  it('are not for viewers to change, and not there for strangers', async () => {
    const { domain } = (await add('www.example.com')).json

    expect((await add('example.com', {}, 'viewer')).status).toBe(403)
    expect((await w.api('viewer', 'DELETE', `${here}/${domain.id}`)).status).toBe(403)
    expect((await w.api('stranger', 'GET', here)).status).toBe(404)
    expect((await w.api('stranger', 'DELETE', `${here}/${domain.id}`)).status).toBe(404)
  })

  it('say plainly that the direct edge serves none, and what to do', async () => {
    await w.test.query("update sites set edge = 'direct'")
    const { domain } = (await add('www.example.com')).json

    const page = await w.browser('viewer').get(`/teams/acme${here}`)

    expect(domain.state).toBe('unverified')
    expect(page.text).toContain('serves no domains')
    expect((await w.api('viewer', 'GET', here)).json.front.state).toBe('unsupported')
  })

  it('say what will be here while there are none', async () => {
    const page = await w.browser('viewer').get(`/teams/acme${here}`)

    expect(page.text).toContain('No domains yet')
    expect((await w.api('viewer', 'GET', here)).json).toMatchObject({ domains: [], front: { state: 'empty' } })
  })

  it('say that nobody would be served by them before the first is added', async () => {
    await w.test.query("update sites set edge = 'direct'")

    const page = await w.browser('viewer').get(`/teams/acme${here}`)

    expect(page.text).toContain('No domains yet')
    expect(page.text).toContain('serves no domains')
  })

  it('take HSTS only with HTTPS', async () => {
    const put = (body: object) => w.api('developer', 'PUT', `${here}/front`, body)

    expect((await put({ forceHttps: false, hsts: true })).json.errors).toMatchObject([{ field: 'hsts' }])
    expect((await put({ forceHttps: true, hsts: true })).json.front).toMatchObject({ forceHttps: true, hsts: true })
    expect((await w.api('viewer', 'GET', here)).json.front).toMatchObject({ forceHttps: true, hsts: true })
  })

  it('cannot be changed on an archived site', async () => {
    await w.test.query("update sites set state = 'archived'")

    expect((await add('www.example.com')).status).toBe(409)
    const page = await w.browser('developer').get(`/teams/acme${here}`)
    expect(page.text).toContain('The site is archived, so its domains cannot be changed')
  })

  it.each(named(hostileTexts))('CI-01: keep %j out, or as a plain name', async (_, text) => {
    const made = await add(text)

    expect([201, 400, 413, 422]).toContain(made.status)
    for (const { name } of await list()) expect(name).toMatch(/^(\*\.)?[a-z0-9.-]+$/)
  })
})
