import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeDeploy } from '../support/deploys.js'
import { makeServer, makeSite } from '../support/make.js'
import { type PanelWorld, panelWorld } from '../support/panel-world.js'

/** Somebody reads one site whole and sees of another that it is there: a list shows what its own permission is held on. */
let w: PanelWorld
beforeAll(async () => {
  w = await panelWorld()
})
beforeEach(async () => {
  await w.reset()
  const server = await makeServer(w.test, w.acme, { slug: 'web-1', name: 'web-1' })
  for (const name of ['Shop', 'Blog']) await deployed(await makeSite(w.test, server, w.acme, named(name)), name)
  await give('viewer', 'shop')
  await give(await role('Looks on', ['site:read']), 'blog')
  await w.test.query(`update api_keys set role = 'owner' where created_by = $1`, [w.people.client.id])
})
afterAll(() => w.close())

const named = (name: string) => ({ slug: name.toLowerCase(), name })

async function deployed(site: { id: string; slug: string }, name: string): Promise<void> {
  const operation = { status: 'queued', subject: `site:${site.id}`, title: `Deploy ${name}` }
  await makeDeploy(w.test, site, w.acme, { operation, requested_by: `Asker of ${name}` })
  await w.api('developer', 'PATCH', `/sites/${site.slug}`, { memoryMb: 600 })
}

const role = async (name: string, permissions: string[]): Promise<string> =>
  (await w.api('owner', 'POST', '/roles', { name, permissions })).json.role.id

async function give(given: string, thing: string, on = 'site'): Promise<void> {
  const grant = { role: given, on, thing }
  expect((await w.api('owner', 'POST', `/members/${w.people.client.id}/role-grants`, grant)).status).toBe(201)
}

const asked = async (path: string): Promise<string> => (await w.api('client', 'GET', path)).text

describe('AZ-02: a list', () => {
  it.each(['/activity', '/operations'])(
    '%s shows what may be read there, and not what may be read elsewhere',
    async (path) => {
      expect(await asked(path)).toContain('Shop')
      expect(await asked(path)).not.toContain('Blog')
    },
  )

  it('of sites shows both, and the last deploy of the one alone', async () => {
    const { items } = JSON.parse(await asked('/sites'))
    const shown = items.map((site: { slug: string; lastDeploy: object | null }) => [
      site.slug,
      site.lastDeploy !== null,
    ])

    expect(Object.fromEntries(shown)).toEqual({ shop: true, blog: false })
    expect((await w.visit('client', '/teams/acme/sites')).text).toContain('not shown')
  })

  it('on the first page and in the pill is made the same way', async () => {
    const home = await asked('/home')
    expect(home).toContain('Asker of Shop')
    expect(home).not.toContain('Blog')
    for (const page of ['', '/operations/pill', '/home/now']) {
      const { text } = await w.visit('client', `/teams/acme${page}`)
      expect([page, text.includes('Shop'), text.includes('Blog')]).toEqual([page, true, false])
    }
  })

  it('shows all of it to whom the whole team was given for it', async () => {
    const all = await role('Follows', ['site:read', 'operation:read'])
    await give(all, '', 'team')

    expect(await asked('/operations')).toContain('Blog')
    expect(await asked('/activity')).not.toContain('Blog')
  })
})

describe('the page of a site', () => {
  it('shows deploys to who may read them', async () => {
    const page = async (slug: string) => (await w.visit('client', `/teams/acme/sites/${slug}`)).text

    expect(await page('shop')).toContain('Asker of Shop')
    expect(await page('blog')).not.toContain('Asker of')
    expect(await page('blog')).toContain('Your role does not show deploys')
  })
})
