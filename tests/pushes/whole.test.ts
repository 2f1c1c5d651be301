import { createHmac, randomUUID } from 'node:crypto'
import { request } from 'node:https'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lookAtCertificatesHandler } from '../../jobs/domains/look-at-certificates.js'
import { startWork, type Work } from '../../jobs/work.js'
import { createAuthorizer } from '../../server/authorizer.js'
import { caddyEdge } from '../../server/domains/edges/caddy/caddy-edge.js'
import { bullClasses } from '../../server/platform/queue/backend.js'
import { startBrowser } from '../support/browser.js'
import { startCaddy, type TestCaddy } from '../support/caddy.js'
import { type DnsServer, startDnsServer } from '../support/dns-server.js'
import { takePortsOfOthers } from '../support/own-ports.js'
import { startTestPanel, type TestPanel } from '../support/panel.js'
import { needs } from '../support/parts.js'
import { type Pebble, startPebble } from '../support/pebble.js'
import { seedPerson, type TestPerson } from '../support/people.js'
import { pullOf } from '../support/preview-world.js'
import { tellOfPushes } from '../support/push-hook.js'
import { type Sink, startSink } from '../support/sink.js'
import { eventually } from '../support/sites.js'
import { type Stage, startStage } from '../support/stage.js'

// biome-ignore lint/suspicious/noExplicitAny: an answer is what the test says it is
type Json = any

const name = 'www.example.test'
const words = (text: string) => ({ 'index.html': `<h1>${text}</h1>` })
const parts = ['caddy', 'chromium', 'git', 'openssl', 'pebble', 'runit'] as const

describe.skipIf(!needs(...parts))('a repository, from git push to visitors of its own domain', () => {
  let stage: Stage
  let panel: TestPanel
  let caddy: TestCaddy
  let pebble: Pebble
  let dns: DnsServer
  let github: Sink
  let work: Work
  let browser: Browser
  let page: Page
  let developer: TestPerson
  let secret: string

  beforeAll(async () => {
    caddy = await startCaddy()
    dns = await startDnsServer()
    pebble = await startPebble({ webPorts: caddy.webPorts, dns: dns.address })
    const settings = { stack: 'static', start_command: null, static_folder: '.', auto_deploy: true, edge: 'caddy' }
    stage = await startStage({ slug: 'shop', name: 'Shop', ...settings }, words('One'))
    stage.parts.edges.caddy = caddyEdge({ door: { port: caddy.adminPort }, user: caddy.user })
    await takePortsOfOthers(stage)
    await stage.test.database.query("update sites set reconcile_at = now() + interval '1 hour'")
    const { services } = stage.test
    const acme = { url: pebble.url, email: null, rootFile: pebble.rootFile }
    const config = { ...services.config, acme, resolvers: [dns.address], webPorts: caddy.webPorts, isProduction: false }
    Object.assign(services, { config })
    panel = await startTestPanel({ services, authorizer: createAuthorizer(services) })
    developer = await seedPerson(stage.test.database, services, new Date(), 'developer', stage.test.team)
    github = await startSink()
    github.answer = answerOfGithub
    work = startWork(services, bullClasses({ kind: 'postgres', loginUrl: stage.test.database.loginUrl }), stage.parts)
    browser = await startBrowser()
    page = await openPanel()
  }, 90_000)
  afterAll(async () => {
    await browser?.close()
    await work?.stop()
    await panel?.close()
    await stage?.stop()
    for (const part of [github && { stop: github.close }, pebble, dns, caddy]) await part?.stop()
  })

  async function openPanel(): Promise<Page> {
    const context = await browser.newContext({ baseURL: panel.url, viewport: { width: 1280, height: 900 } })
    const [cookie = '', value = ''] = developer.cookie.split('=')
    await context.addCookies([{ name: cookie, value, url: panel.url }])
    return context.newPage()
  }

  const ask = (method: string, path: string, body?: unknown) =>
    fetch(`${panel.url}/api/v1/teams/acme${path}`, {
      method,
      headers: { authorization: `Bearer ${developer.apiKey}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  const api = async (method: string, path: string, body?: unknown) => {
    const response = await ask(method, path, body)
    const json = (await response.json()) as Json
    expect(response.ok, `${method} ${path}: ${JSON.stringify(json)}`).toBe(true)
    return json
  }

  /** What GitHub was sent there, in order. */
  const told = (path: RegExp) =>
    github.requests.filter(({ url, body }) => path.test(url) && body !== '').map(({ body }) => JSON.parse(body))

  /** Whatever it is sent it has, under the number 7; comments it gives back. */
  const answerOfGithub: Sink['answer'] = ({ method }, response) => {
    const sent = method === 'GET' ? [] : { ...JSON.parse(github.requests.at(-1)?.body ?? ''), id: 7 }
    response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(sent))
  }

  it('is connected, with a token by which its host is told how deploys go', async () => {
    const made = await api('POST', '/connections', { repositoryUrl: stage.repository.httpUrl, host: 'github' })
    secret = made.secret
    const token = { token: 'a-token-of-github', apiUrl: github.url }
    await api('PUT', `/connections/${made.connection.id}/token`, token)
    await tellOfPushes(stage.repository, { url: `${panel.url}/webhooks/github`, secret })
  })

  it('deploys on git push, before the eyes of who looks at its deploys', { timeout: 60_000 }, async () => {
    await page.goto('/teams/acme/sites/shop/deploys')
    await page.evaluate("document.body.dataset.loaded = 'once'")

    const commit = await stage.repository.commit({ files: words('Two'), message: 'Sell two' })

    await page.locator('#deploys a[href$="/deploys/1"]').first().waitFor({ timeout: 30_000 })
    expect(await page.evaluate('document.body.dataset.loaded')).toBe('once')
    await page.goto('/teams/acme/sites/shop/deploys/1')
    await page.evaluate("document.body.dataset.loaded = 'once'")
    await page.getByText('Sell two').first().waitFor({ timeout: 30_000 })
    await page.getByText('Live', { exact: true }).first().waitFor({ timeout: 30_000 })
    expect(await page.evaluate('document.body.dataset.loaded')).toBe('once')
    expect((await stage.visit()).text).toContain('Two')
    await expect.poll(() => told(/\/statuses\//).at(-1), { timeout: 10_000 }).toMatchObject({ state: 'success' })
    expect(github.requests.find(({ url }) => url.includes('/statuses/'))?.url).toContain(commit)
  })

  it('answers by HTTPS under its own domain, with a certificate that Caddy has obtained', {
    timeout: 60_000,
  }, async () => {
    const { domain } = await api('POST', '/sites/shop/domains', { name, role: 'serve' })
    const { proof } = await api('GET', `/sites/shop/domains/${domain.id}`)
    Object.assign(dns.zone, { [name]: { A: ['127.0.0.1'] }, [proof.name]: { TXT: [proof.value] } })
    // The first look, before the records were there, may still be under way.
    const check = () => ask('POST', `/sites/shop/domains/${domain.id}/check`)
    await eventually('the DNS to be looked at again', async () => (await check()).ok)

    const answer = await eventually('an answer by HTTPS', () => visitByHttps(caddy.webPorts.https), 40_000)

    expect(answer).toEqual({ text: expect.stringContaining('Two'), issuer: expect.stringContaining('Pebble') })
  })

  it('tells GitHub that address with the next deploy', { timeout: 60_000 }, async () => {
    const { services } = stage.test
    const served = async () =>
      (await stage.test.database.query('select served_url from sites where slug = $1', ['shop']))[0]?.served_url
    // The worker looks once a minute.
    const look = () =>
      lookAtCertificatesHandler(stage.parts).run({}, { services, signal: new AbortController().signal })
    await eventually('the certificate to be seen', async () => {
      await look()
      return (await served())?.startsWith('https://')
    })

    await stage.repository.commit({ files: words('Three'), message: 'Sell three' })

    await expect
      .poll(() => told(/\/deployments\/7\/statuses$/).map((status) => status.environment_url), { timeout: 40_000 })
      .toContain(`https://${name}`)
    expect((await visitByHttps(caddy.webPorts.https))?.text).toContain('Three')
  })

  it('gives a pull request a preview, whose address stands in one comment', { timeout: 60_000 }, async () => {
    await api('PUT', '/sites/shop/previews', { isOn: true, most: 2, keptDays: 7 })
    const sha = await stage.repository.commit({ files: words('More'), branch: 'more', message: 'Sell more' })

    await tellOfPull(sha)

    const preview = await eventually(
      'the preview',
      async () => {
        const [row] = await stage.test.database.query('select port from sites where preview_of is not null')
        const answer = row && (await fetch(`http://127.0.0.1:${row.port}/`).catch(() => null))
        return answer?.ok && { port: row?.port, text: await answer.text() }
      },
      40_000,
    )
    expect(preview.text).toContain('More')
    await expect
      .poll(() => told(/\/issues\/12\/comments$|\/issues\/comments\/7$/).at(-1)?.body, { timeout: 20_000 })
      .toContain(`:${preview.port}`)
    expect(told(/\/issues\/12\/comments$/)).toHaveLength(1)
  })

  it('has an inbox that tells what became of each', async () => {
    await page.goto('/teams/acme/deliveries')

    for (const words of ['Sell two', 'Sell three', 'Sell more', 'The push was deployed', 'another branch', 'a preview'])
      expect(await page.getByText(words).count(), words).toBeGreaterThan(0)
  })

  it('leaves nothing of a preview whose pull request is closed', { timeout: 60_000 }, async () => {
    await tellOfPull(await stage.repository.head('more'), { state: 'closed', at: 2 })

    const copies = () => stage.test.database.query('select 1 from sites where preview_of is not null')
    await eventually('nothing of it to be left', async () => (await copies()).length === 0, 40_000)
  })

  async function tellOfPull(sha: string, change: Record<string, unknown> = {}): Promise<void> {
    const payload = pullOf(change)
    const head = { ...payload.pull_request.head, sha }
    const repository = { clone_url: stage.repository.httpUrl }
    const body = JSON.stringify({ ...payload, pull_request: { ...payload.pull_request, head }, repository })
    const headers = {
      'content-type': 'application/json',
      'x-github-event': 'pull_request',
      'x-github-delivery': randomUUID(),
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    }
    expect((await fetch(`${panel.url}/webhooks/github`, { method: 'POST', headers, body })).status).toBe(202)
  }
})

/** Null while nobody answers there. */
const visitByHttps = (port: number): Promise<{ text: string; issuer: string } | null> =>
  new Promise((resolve) => {
    const asked = request({
      ...{ host: '127.0.0.1', port, servername: name, headers: { host: name } },
      // Whose certificate it is, the test asks by itself.
      ...{ rejectUnauthorized: false, agent: false },
    })
    asked.on('error', () => resolve(null))
    asked.on('response', (response) => {
      const { issuer } = (response.socket as import('node:tls').TLSSocket).getPeerCertificate() // `as`: it came by HTTPS
      let text = ''
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => resolve(response.statusCode === 200 ? { text, issuer: String(issuer.CN) } : null))
    })
    asked.end()
  })
