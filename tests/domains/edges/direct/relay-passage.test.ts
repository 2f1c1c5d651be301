import { Agent, createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startAnsweringApp } from '../../../../bench/support/answering-apps.js'
import { ask, startEdge, type TestEdge } from '../../../support/edges.js'

describe('what the relay passes', () => {
  let at: TestEdge
  beforeAll(async () => {
    at = await startEdge('direct')
  })
  afterAll(() => at.stop())

  it('loses no POST to an application that closes its connections as soon as they are idle', async () => {
    const site = await at.newSite()
    const app = await listen(
      createServer({ keepAliveTimeout: 1 }, (request, response) => {
        request.resume().on('end', () => response.end('ok'))
      }),
    )
    await at.edge.ensureSite(at.host, site)
    await at.switchTo(site, app.address)
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })

    const statuses: number[] = []
    for (let number = 0; number < 60; number++) {
      const method = number % 2 === 0 ? 'POST' : 'GET'
      statuses.push((await ask(site.port, '/', { method, body: method === 'POST' ? 'x' : '', agent })).status)
    }

    expect(new Set(statuses)).toEqual(new Set([200]))
    agent.destroy()
    app.stop()
  })

  it('shows a torn answer as torn', async () => {
    const site = await at.newSite()
    const app = await listen(
      createServer((_request, response) => {
        response.write('half')
        setTimeout(() => response.destroy(), 50)
      }),
    )
    await at.edge.ensureSite(at.host, site)
    await at.switchTo(site, app.address)

    await expect(ask(site.port)).rejects.toThrow('aborted')
    app.stop()
  })

  it('answers an offer of HTTP/2 as a plain request', async () => {
    const site = await at.newSite('plain')
    const app = await startAnsweringApp('plain', '1')
    await at.edge.ensureSite(at.host, site)
    await at.switchTo(site, app.address)

    const got = await ask(site.port, '/', { headers: { Connection: 'Upgrade, HTTP2-Settings', Upgrade: 'h2c' } })

    expect(got.headers['x-site']).toBe('plain')
    await app.stop()
  })
})

async function listen(server: Server) {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop() {
      server.close()
      server.closeAllConnections()
    },
  }
}
