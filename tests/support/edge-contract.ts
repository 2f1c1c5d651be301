import { readdir, readFile } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startAnsweringApp } from '../../bench/support/answering-apps.js'
import { startLoad } from '../../bench/support/load.js'
import { lostOf } from '../../bench/support/tally.js'
import type { EdgeName } from '../../server/domains/edges/edge.js'
import { StaleLeaseError } from '../../server/platform/ssh/remote-command-error.js'
import { ask, nextText, openWebSocket, startEdge, type TestEdge } from './edges.js'
import { needs } from './parts.js'

/** What both edges promise, on a real Caddy and a real relay. */
export function edgeContract(name: EdgeName): void {
  describe.skipIf(name === 'caddy' && !needs('caddy'))(`the edge ${name}`, () => {
    let at: TestEdge
    beforeAll(async () => {
      at = await startEdge(name)
    })
    afterAll(() => at.stop())

    it('says that nothing is deployed until the first switch', async () => {
      const site = await at.newSite()

      await at.edge.ensureSite(at.host, site)

      const got = await ask(site.port)
      expect(got.status).toBe(503)
      expect(got.headers['content-type']).toBe('text/html; charset=utf-8')
      expect(got.body).toContain('Nothing is deployed here yet')
      expect(await at.edge.current(at.host, site)).toBeNull()
    })

    it('loses no request while it is switched under load', async () => {
      const site = await at.newSite('shop')
      const apps = await Promise.all(['1', '2', '3'].map((release) => startAnsweringApp('shop', release)))
      await at.edge.ensureSite(at.host, site)
      await at.switchTo(site, apps[0]?.address ?? '')
      const load = startLoad({ url: at.edge.url('127.0.0.1', site), site: 'shop', perSecond: 100, longestMs: 8_000 })

      for (const app of [...apps.slice(1), ...apps.toReversed()]) await at.switchTo(site, app.address)

      const result = await load.stop()
      await Promise.all(apps.map((app) => app.stop()))
      expect(lostOf(result)).toEqual({})
      expect(await readdir(`${site.folder}/upstream`)).toEqual([apps[0]?.address])
    })

    it('refuses a switch by a worker that lost its lease, and keeps the newer address', async () => {
      const site = await at.newSite()
      await at.edge.ensureSite(at.host, site)
      await at.switchTo(site, '127.0.0.1:8002', 8)

      const late = at.switchTo(site, '127.0.0.1:8001', 7)

      await expect(late).rejects.toBeInstanceOf(StaleLeaseError)
      expect(await at.edge.current(at.host, site)).toBe('127.0.0.1:8002')
    })

    it('CI-06: takes nothing but an address as the name of the upstream', async () => {
      const site = await at.newSite()

      for (const bad of [
        '../../etc/passwd',
        'localhost:80',
        '127.0.0.1',
        '127.0.0.1:0',
        '127.0.0.1:80 -rf',
        '$(id):80',
      ])
        await expect(at.switchTo(site, bad)).rejects.toThrow('is not an address')
    })

    it('passes WebSockets, and leaves open ones with the old instance', async () => {
      const site = await at.newSite()
      const [before, after] = [await startAnsweringApp('chat', '1'), await startAnsweringApp('chat', '2')]
      await at.edge.ensureSite(at.host, site)
      await at.switchTo(site, before.address)
      const { socket, greeting } = await openWebSocket(site.port)

      await at.switchTo(site, after.address)
      socket.write('still here')

      expect(greeting).toMatch(/^HTTP\/1\.1 101 /)
      expect(greeting).toContain('chat 1')
      expect(await nextText(socket)).toBe('still here')
      expect((await ask(site.port)).headers['x-release']).toBe('2')
      socket.destroy()
      await Promise.all([before.stop(), after.stop()])
    })

    it('tells the application who calls, and lets no visitor say it', async () => {
      const site = await at.newSite()
      const app = await startEcho()
      await at.edge.ensureSite(at.host, site)
      await at.switchTo(site, app.address)

      const headers = await app.headersSeen(() =>
        ask(site.port, '/', {
          headers: {
            Host: 'shop.test',
            'X-Forwarded-For': '6.6.6.6',
            'X-Forwarded-Host': 'evil.test',
            'X-Forwarded-Proto': 'https',
            'X-Forwarded-Port': '1',
            'X-Forwarded-User': 'admin',
            Forwarded: 'for=6.6.6.6',
            'X-Real-IP': '6.6.6.6',
            'True-Client-IP': '6.6.6.6',
            'CF-Connecting-IP': '6.6.6.6',
            'X-Original-URL': '/admin',
            'X-Kept': 'yes',
          },
        }),
      )

      expect(headers).toMatchObject({
        host: 'shop.test',
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-host': 'shop.test',
        'x-forwarded-proto': 'http',
        'x-kept': 'yes',
      })
      expect(JSON.stringify(headers)).not.toMatch(/6\.6\.6\.6|evil|admin|x-forwarded-port/)
      app.stop()
    })

    it('passes paths and bodies as they came', async () => {
      const site = await at.newSite()
      const app = await startEcho()
      await at.edge.ensureSite(at.host, site)
      await at.switchTo(site, app.address)
      const body = 'ü'.repeat(400_000)

      const got = await ask(site.port, '//a/%2e%2e/b?x=1?2&y=%20', { method: 'PUT', body })

      expect(JSON.parse(got.body)).toMatchObject({ url: '//a/%2e%2e/b?x=1?2&y=%20', method: 'PUT', sizeBytes: 800_000 })
      app.stop()
    })

    it('says that the site is not answering when its instance is gone', async () => {
      const site = await at.newSite()
      const app = await startAnsweringApp('gone', '1')
      await at.edge.ensureSite(at.host, site)
      await at.switchTo(site, app.address)
      await app.stop()

      const got = await ask(site.port, '/', { method: 'POST', body: 'x' })

      expect(got.status).toBe(502)
      expect(got.body).toContain('This site is not answering')
    })

    it('writes one line of JSON for each request', async () => {
      const site = await at.newSite()
      await at.edge.ensureSite(at.host, site)

      await ask(site.port, '/some/page', { headers: { 'User-Agent': 'tester' } })

      const file = `${site.folder}/logs/access.log`
      await expect.poll(() => readFile(file, 'utf8').catch(() => ''), { timeout: 3_000 }).toContain('/some/page')
      const lines = (await readFile(file, 'utf8'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
      expect(lines).toHaveLength(1)
      expect(lines[0]).toMatchObject({
        status: 503,
        request: { remote_ip: '127.0.0.1', method: 'GET', uri: '/some/page' },
      })
      expect(lines[0].duration).toBeTypeOf('number')
    })

    it('says so when another program has the port, and does not cling to those of other sites for it', async () => {
      const other = await at.newSite()
      await at.edge.ensureSite(at.host, other)
      const squatter = createServer((_request, response) => response.end('mine'))
      await new Promise<void>((resolve) => squatter.listen(0, () => resolve()))
      const site = { ...(await at.newSite()), port: (squatter.address() as AddressInfo).port }

      await expect(at.edge.ensureSite(at.host, site)).rejects.toThrow(new RegExp(`port ${site.port}`, 'i'))

      for (const each of [site, other]) await at.edge.removeSite(at.host, each)
      await expect.poll(() => isOpen(other.port), { timeout: 5_000 }).toBe(false)
      squatter.close()
    })

    it('leaves nothing of a site that is removed, and the others as they are', async () => {
      const [site, other] = [await at.newSite(), await at.newSite()]
      for (const each of [site, other]) await at.edge.ensureSite(at.host, each)

      await at.edge.removeSite(at.host, site)
      await at.edge.removeSite(at.host, site)

      await expect.poll(() => isOpen(site.port), { timeout: 5_000 }).toBe(false)
      expect(await isOpen(other.port)).toBe(true)
    })
  })
}

const isOpen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })

/** An application that says what it was asked. */
async function startEcho() {
  let seen: IncomingHttpHeaders = {}
  const server = createServer((request, response) => {
    let sizeBytes = 0
    seen = request.headers
    request.on('data', (chunk: Buffer) => {
      sizeBytes += chunk.length
    })
    request.on('end', () => response.end(JSON.stringify({ url: request.url, method: request.method, sizeBytes })))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async headersSeen(act: () => Promise<unknown>) {
      await act()
      return seen
    },
    stop() {
      server.close()
      server.closeAllConnections()
    },
  }
}
