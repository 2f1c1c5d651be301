import { createServer, type Server } from 'node:http'
import { type AddressInfo, createServer as createPlainServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openToAll } from '../../../server/domains/edges/access.js'
import { directEdge } from '../../../server/domains/edges/direct/direct-edge.js'
import { stopRelay } from '../../../server/domains/edges/direct/relay-process.js'
import { probeSite } from '../../../server/domains/edges/probe.js'
import type { Host } from '../../../server/platform/ssh/host.js'
import { NothingListens } from '../../../server/platform/ssh/reach.js'
import { ask } from '../../support/edges.js'
import { hostKinds, startSshHost } from '../../support/host-kinds.js'
import { needs } from '../../support/parts.js'
import { freePort } from '../../support/ports.js'

const siteAt = (host: Host, port: number) => ({
  siteId: 'shop',
  folder: `${host.root}/sites/shop`,
  port,
  hostnames: [],
  access: openToAll,
})

describe.skipIf(!needs('sshd', 'setsid', 'flock')).each(hostKinds)(
  'what listens on the port of a site, by %s',
  (_, start) => {
    let host: Host
    let stop: () => Promise<void>
    const opened: Server[] = []
    beforeAll(async () => {
      ;({ host, stop } = await start())
    })
    afterAll(async () => {
      for (const server of opened) server.close()
      await stop()
    })

    const answering = async (status: number) => {
      const server = createServer((_request, response) => response.writeHead(status).end())
      opened.push(server)
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      return (server.address() as AddressInfo).port
    }

    test('is an edge that sees the folder, or anything else', async () => {
      expect(await probeSite(host, siteAt(host, await answering(204)))).toBe('ready')
      expect(await probeSite(host, siteAt(host, await answering(200)))).toBe('blind')
    })

    test('is nothing yet: no failure, as an edge that was just told of the site opens its port a moment later', async () => {
      expect(await probeSite(host, siteAt(host, await freePort()))).toBe('silent')
    })

    test('is something that hangs up', async () => {
      const server = createPlainServer((socket) => socket.destroy())
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

      expect(await probeSite(host, siteAt(host, (server.address() as AddressInfo).port))).toBe('silent')
      server.close()
    })

    test('is waited for where the relay has to be started first', async () => {
      const site = siteAt(host, await freePort())

      await directEdge.ensureSite(host, site)

      expect((await ask(site.port)).status).toBe(503)
      await stopRelay(host)
    })
  },
)

describe.skipIf(!needs('sshd'))('over SSH', () => {
  test('a port that nothing listens on has an error of its own, which names the port', async () => {
    const { host, stop } = await startSshHost()
    const port = await freePort()

    const failure: unknown = await host.forward({ port }).catch((error) => error)

    expect(failure).toBeInstanceOf(NothingListens)
    expect(failure).toMatchObject({ message: `web-1 could not connect to its own port ${port}` })
    await stop()
  })

  test('a machine out of reach is said to be that, and not taken for a port that is still closed', async () => {
    const { host, stop } = await startSshHost()
    await stop()

    const failure: unknown = await probeSite(host, siteAt(host, 8080)).catch((error) => error)

    expect(failure).not.toBeInstanceOf(NothingListens)
    expect(failure).toMatchObject({ message: expect.stringContaining('Could not reach web-1') })
  })
})
