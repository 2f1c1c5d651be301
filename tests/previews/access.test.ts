import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { accessOf } from '../../server/domains/domains.js'
import { TeamCtx } from '../../server/platform/access/ctx.js'
import { type PreviewWorld, previewWorld } from '../support/preview-world.js'

let w: PreviewWorld
beforeAll(async () => {
  w = await previewWorld()
})
afterAll(() => w.close())
beforeEach(() => w.reset())

const ada = { username: 'ada', password: 'a walk along the canal' }
const put = (path: string, body: object, slug = 'shop') => w.api('developer', 'PUT', `/sites/${slug}/${path}`, body)
const visitor = (fields: object = {}) => put('access/visitors', { ...ada, ...fields })
const seen = async (slug: string) => {
  const [site] = await w.test.query<{ id: string }>('select id from sites where slug = $1', [slug])
  return TeamCtx.system(w.services, w.acme).reading((tx) => accessOf(tx, site?.id ?? ''))
}
const revision = async () =>
  (await w.test.query('select revision from fronts f join sites s on s.id = site_id where preview_of is not null'))[0]
    ?.revision

/** A site behind Caddy, which alone asks for passwords. */
const begin = async () => {
  await w.test.query("update servers set edge = 'caddy'")
  const key = await w.begin()
  await w.test.query("update sites set edge = 'caddy'")
  return key
}

describe('what stands before a site', () => {
  it('stands before its previews too, from the moment that they are made', async () => {
    const key = await begin()
    await visitor()
    await put('access/headers', { headers: 'X-Robots-Tag: noindex' })
    await w.pull(key)
    await w.turn()

    expect(await seen('shop-pr-12')).toEqual(await seen('shop'))
    expect(await seen('shop-pr-12')).toMatchObject({ users: [{ name: 'ada' }], headers: [{ value: 'noindex' }] })
  })

  it('stands before a preview as soon as it does before the site, and goes with it, also while a commit of a fork waits', async () => {
    const key = await begin()
    await w.pull(key, { repo: 2 })
    await w.api('developer', 'PUT', '/sites/shop/previews/12/approval', { commit: 'b'.repeat(40) })
    await w.turn()
    await w.pull(key, { repo: 2, letter: 'c', at: 2 })

    await visitor()
    await visitor({ username: 'bob' })
    await visitor({ password: 'another walk' })
    await put('access/headers', { headers: 'X-Robots-Tag: noindex' })
    expect(await seen('shop-pr-12')).toEqual(await seen('shop'))
    expect(await revision()).toBe(4)

    const { visitors } = (await w.api('viewer', 'GET', '/sites/shop/access')).json.access
    for (const { id } of visitors) await w.api('developer', 'DELETE', `/sites/shop/visitor-passwords/${id}`)
    expect(await seen('shop-pr-12')).toMatchObject({ users: [], headers: [{ name: 'X-Robots-Tag' }] })
  })

  it('is looked at anew with each turn, and the edge is told only where it differs', async () => {
    const key = await begin()
    await visitor()
    await w.pull(key)
    await w.turn()
    await w.test.query('delete from visitor_passwords where site_id <> $1', [w.siteId])
    const made = Number(await revision())

    await w.pull(key, { letter: 'c', at: 2 })
    await w.turn()
    await w.pull(key, { letter: 'd', at: 3 })
    await w.turn()

    expect(await seen('shop-pr-12')).toEqual(await seen('shop'))
    expect(await revision()).toBe(made + 1)
  })

  it('leaves a preview open to those with the password while the site shows its maintenance page', async () => {
    const key = await begin()
    await visitor()
    await put('access/maintenance', { isOn: true, text: 'Back at noon' })
    await w.pull(key)
    await w.turn()
    await put('access/maintenance', { isOn: true, text: 'Back at one' })

    expect(await seen('shop-pr-12')).toMatchObject({ users: [{ name: 'ada' }], maintenance: null })
  })

  it('is HTTPS only where it is for the site, and a preview makes browsers promise nothing', async () => {
    const key = await begin()
    await put('domains/front', { forceHttps: false, hsts: false })
    await w.pull(key)
    await w.turn()
    const https = () =>
      w.test.query('select force_https, hsts from fronts join sites s on s.id = site_id where s.preview_of is not null')
    expect(await https()).toEqual([{ force_https: false, hsts: false }])

    await put('domains/front', { forceHttps: true, hsts: true })

    expect(await https()).toEqual([{ force_https: true, hsts: false }])
  })

  it('cannot be set on a preview itself, nor can a domain', async () => {
    const key = await begin()
    await w.pull(key)
    await w.turn()

    const answers = [
      await put('access/visitors', ada, 'shop-pr-12'),
      await put('domains/front', { forceHttps: false, hsts: false }, 'shop-pr-12'),
      await w.api('developer', 'POST', '/sites/shop-pr-12/domains', { name: 'www.example.org' }),
    ]
    const page = await w.panel.browser(w.people.developer.cookie).get('/teams/acme/sites/shop-pr-12/domains')

    expect(answers.map(({ status }) => status)).toEqual([409, 409, 409])
    expect(page.text).toContain('It is a preview, which follows its site')
    expect(page.text).not.toContain('Add domain')
  })
})
