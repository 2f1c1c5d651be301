import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeRelease, makeServer, makeSite } from '../support/make.js'
import { nodeApp, type ShopWorld, shopWorld } from '../support/site-world.js'

let w: ShopWorld
beforeAll(async () => {
  w = await shopWorld()
}, 30_000)
afterAll(() => w.close())
beforeEach(() => w.reset())

describe('the list of sites', () => {
  it('goes on where it ended, newest first, and finds by name, state and server', async () => {
    const other = await makeServer(w.test, w.acme)
    for (let day = 1; day <= 5; day++)
      await makeSite(w.test, day === 1 ? other : w.server, w.acme, {
        slug: `s-${day}`,
        name: day === 2 ? '100%_x' : `Site ${day}`,
        state: day === 3 ? 'archived' : 'active',
        created_at: new Date(2026, 0, day),
      })
    await makeSite(w.test, await makeServer(w.test, w.rival), w.rival)
    const list = async (query: string) => (await w.api('viewer', 'GET', `/sites?${query}`)).json
    const slugs = async (query: string) => (await list(query)).items.map(({ slug }: { slug: string }) => slug)

    const first = await list('limit=2')
    expect(first.items.map(({ slug }: { slug: string }) => slug)).toEqual(['s-5', 's-4'])
    expect(await slugs(`limit=9&cursor=${first.nextCursor}`)).toEqual(['s-3', 's-2', 's-1'])
    expect(await slugs('search=SITE%203')).toEqual(['s-3'])
    expect(await slugs('search=%25_')).toEqual(['s-2'])
    expect(await slugs('state=archived')).toEqual(['s-3'])
    expect(await slugs(`server=${other.slug}`)).toEqual(['s-1'])
    expect((await w.api('viewer', 'GET', '/sites?state=gone')).status).toBe(400)
    expect((await w.api('billing', 'GET', '/sites')).status).toBe(403)
  })

  it('is a page with a way on, and says what it is for when it is empty', async () => {
    const browser = w.browser('viewer')
    expect((await browser.get('/teams/acme/sites')).text).toContain('No sites yet')
    for (let n = 0; n < 3; n++) await makeSite(w.test, w.server, w.acme)

    const page = await browser.get('/teams/acme/sites?limit=2&search=site')
    expect(page.text).toMatch(/href="\/teams\/acme\/sites\?search=site&amp;limit=2&amp;cursor=/)
    expect((await browser.get('/teams/acme/sites?search=zzz')).text).toContain('No site matches')
  })
})

describe('deploys and releases', () => {
  it('are shown, compared and rolled back to, with the reason where that is off', async () => {
    const site = await makeSite(w.test, w.server, w.acme)
    const settings = {
      ...{ root_folder: '', build_command: null, start_command: 'a', static_folder: null, release_command: null },
      ...{ health_path: '/', memory_mb: 512, cpus: '1', runtime: 'process', stack: 'node', node_version: null },
    }
    const release = (values: object) => makeRelease(w.test, site, w.acme, { ...values, live_at: new Date() })
    const old = await release({ number: 1, settings: JSON.stringify(settings), environment_digests: '{"A":"1"}' })
    const live = await release({
      number: 2,
      state: 'live',
      settings: JSON.stringify({ ...settings, start_command: 'b' }),
      environment_digests: '{"A":"2","B":"1"}',
    })
    await w.test.query("update sites set live_release_id = $1, state = 'active' where id = $2", [live.id, site.id])
    const browser = w.browser('developer')
    const here = `/teams/acme/sites/${site.slug}`

    const { text: list } = await browser.get(`${here}/releases`)
    expect(list).toContain('/comparison?from=2&amp;to=1')
    expect(actionsOf(list)).toEqual(['Roll back to release 1'])
    expect(actionsOf((await w.browser('viewer').get(`${here}/releases`)).text)).toEqual([])
    const comparison = await browser.get(`${here}/comparison?from=2&to=1`)
    expect(comparison.text).toContain('start command')
    expect(comparison.text).toContain('Roll back to release 1')

    const back = await browser.post(`${here}/rollbacks`, { release: '1' })
    expect(back.headers.get('location')).toBe(`${here}/deploys/1`)
    expect((await browser.get(`${here}/deploys/1`)).text).toContain('Roll back')
    expect((await browser.get(here)).text).toContain('waits for its turn')
    expect(await w.test.query('select target_release_id from deploys')).toEqual([{ target_release_id: old.id }])

    await w.test.query("update sites set state = 'suspended', state_reason = 'Invoice 2026-10 is unpaid'")
    const off = (await browser.get(`${here}/releases`)).text
    expect(off).toMatch(/data-why="Invoice 2026-10 is unpaid"><button[^>]* disabled>.*?Roll back<\/button>/)
    expect(actionsOf(off)).toEqual([])
    expect((await browser.post(`${here}/deploys`, {})).status).toBe(409)
  })
})

/** What a press of each button in the list's forms asks for: the dialog's question, which names the release that is sent. */
function actionsOf(html: string): string[] {
  const dialogs = [...html.matchAll(/<h2 id="back-to-(\d+)-title">([^<]*)\?<\/h2>(.*?)<\/dialog>/gs)]
  return dialogs.flatMap(([, number, question = '', form = '']) =>
    form.includes(`name="release" value="${number}"`) && html.includes(`popovertarget="back-to-${number}">`)
      ? [question]
      : [],
  )
}

describe('who may do what with a site', () => {
  it.each([
    ['DELETE', '', { confirm: 'Shop' }, ['viewer', 'billing', 'developer']],
    ['PUT', '/activation', undefined, ['viewer', 'billing']],
    ['DELETE', '/activation', undefined, ['viewer', 'billing']],
    ['PUT', '/archive', undefined, ['viewer', 'billing']],
    ['POST', '/deploys', {}, ['viewer', 'billing']],
    ['PUT', '/source', { repositoryUrl: 'https://a.example/b.git' }, ['viewer', 'billing']],
  ] as const)('AZ-02: %s %s', async (method, path, body, refused) => {
    await w.create({ name: 'Shop' })

    for (const name of refused) expect((await w.api(name, method, `/sites/shop${path}`, body)).status, name).toBe(403)
    expect((await w.api('stranger', method, `/sites/shop${path}`, body)).status).toBe(404)
    expect(await w.row()).toMatchObject({ state: 'inactive', delete_requested_at: null })
  })

  it('AZ-05: no page and no answer holds a secret', async () => {
    const secret = await w.git.makeRepository({ files: nodeApp, name: 'acme/closed' })
    await w.create({
      name: 'Shop',
      repositoryUrl: secret.httpUrl,
      access: 'token',
      token: w.git.token,
      environment: 'A=canary-env-1',
      deploy: 'now',
    })

    for (const name of ['viewer', 'developer', 'owner'] as const) {
      const browser = w.browser(name)
      const pages = [
        '',
        '/now',
        '/deploys',
        '/deploys/1',
        '/releases',
        '/environment',
        '/environment?edit=A',
        '/logs',
        '/settings',
      ]
      for (const page of ['/teams/acme/sites', ...pages.map((path) => `/teams/acme/sites/shop${path}`)]) {
        expect((await browser.get(page)).text).not.toMatch(/canary/)
        expect((await w.api(name, 'GET', page.replace('/teams/acme', ''))).text).not.toMatch(/canary/)
      }
    }
    expect(JSON.stringify([await w.row(), await w.test.query('select * from events')])).not.toMatch(/canary/)
  })
})
