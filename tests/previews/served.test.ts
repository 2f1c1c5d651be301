import { randomUUID } from 'node:crypto'
import { sign } from '@octokit/webhooks-methods'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startAnsweringApp } from '../../bench/support/answering-apps.js'
import { accessOf } from '../../server/domains/domains.js'
import { bringDue } from '../../server/previews/previews.js'
import { judgeWaiting, listWaiting } from '../../server/pushes/pushes.js'
import { type DomainWorld, domainWorld } from '../support/domain-world.js'
import { ask } from '../support/edges.js'
import { needs } from '../support/parts.js'
import { pullOf } from '../support/preview-world.js'
import { shop } from '../support/push-world.js'

let w: DomainWorld
let key: string
beforeAll(async () => {
  if (!needs('caddy')) return
  w = await domainWorld()
  await w.api('PUT', '/source', { repositoryUrl: shop, access: 'none' })
  await w.api('PUT', '/previews', { isOn: true, most: 5, keptDays: 14 })
  // There is nobody here who makes certificates.
  await w.api('PUT', '/domains/front', { forceHttps: false, hsts: false })
  key = (await w.teamApi('POST', '/connections', { repositoryUrl: shop, host: 'github' })).json.secret
  const { proof } = (await w.teamApi('PUT', `/servers/${w.server.slug}/sites-domain`, { name: domain }, 'admin')).json
  w.dns.zone = { [proof.name]: { TXT: [proof.value] } }
  await w.work()
}, 30_000)
afterAll(() => w?.close())

const domain = 'sites.example.test'
const name = `shop-pr-12.${domain}`
const visit = (headers: Record<string, string> = {}) =>
  ask(w.caddy.webPorts.http, '/', { headers: { host: name, ...headers } })
const as = (password: string) => ({ authorization: `Basic ${Buffer.from(`ada:${password}`).toString('base64')}` })

/** A pull request, as GitHub tells of it, and the preview that it gets; its deploy is somebody else's test. */
async function makePreview() {
  const text = JSON.stringify(pullOf())
  const headers = {
    'content-type': 'application/json',
    'x-github-event': 'pull_request',
    'x-github-delivery': randomUUID(),
    'x-hub-signature-256': await sign(key, text),
  }
  await fetch(`${w.panel.url}/webhooks/github`, { method: 'POST', headers, body: text })
  for (const waiting of await listWaiting(w.services, 10)) await judgeWaiting(w.services, waiting)
  await bringDue(w.services, new AbortController().signal)
  await w.test.query("update operations set status = 'succeeded', ended_at = now() where kind = 'deploy'")
  const [copy] = await w.test.query<{ id: string; port: number }>(
    'select id, port from sites where preview_of is not null',
  )
  if (!copy) throw new Error('no preview was made')
  return copy
}

describe.skipIf(!needs('caddy'))('a preview on a server with a sites domain', () => {
  it('is found by its name through Caddy from its first moment on, behind the password of its site', async () => {
    await w.api('PUT', '/access/visitors', { username: 'ada', password: 'a walk along the canal' })
    const app = await startAnsweringApp('preview', '1')
    const copy = await makePreview()
    const named = (await w.teamApi('GET', '/sites/shop-pr-12/domains')).json.domains
    await w.work()
    const before = await visit()

    const access = await (await w.ctx('developer')).reading((tx) => accessOf(tx, copy.id))
    const folder = `${w.at.host.root}/sites/${copy.id}`
    await w.at.switchTo({ siteId: copy.id, folder, port: copy.port, hostnames: [], access }, app.address)
    const strangers = [await visit(), await ask(copy.port), await visit(as('a guess'))]
    const own = await visit(as('a walk along the canal'))
    await w.api('PUT', '/access/visitors', { username: 'ada', password: 'another walk' })
    await w.work()
    const later = [await visit(as('a walk along the canal')), await visit(as('another walk'))]
    await app.stop()

    expect(named).toMatchObject([{ name, state: 'waiting' }])
    expect(before.status).toBe(401)
    expect(strangers.map(({ status }) => status)).toEqual([401, 401, 401])
    expect(own).toMatchObject({ status: 200, headers: { 'x-site': 'preview' } })
    expect(later.map(({ status }) => status)).toEqual([401, 200])
    const { domains } = (await w.teamApi('GET', '/sites/shop-pr-12/domains')).json
    expect(domains).toMatchObject([{ name, state: 'served', isGiven: true }])
  })
})
