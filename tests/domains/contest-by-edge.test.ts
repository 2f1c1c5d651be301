import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { challengePath } from '../../server/domains/challenge.js'
import { parseAllowances } from '../../server/platform/outbound/allowances.js'
import { createOutbound } from '../../server/platform/outbound/outbound.js'
import { type ContestWorld, contestWorld } from '../support/contest-world.js'
import { freePort } from '../support/ports.js'

/** On the internet, where something stands in front of servers. */
const proxyAddress = '93.184.216.34'

describe('RC-04: a name that another team holds and that leads to a proxy', () => {
  let c: ContestWorld
  /** What that answers; nothing for null. */
  let answer: { status: number; body?: string } | null
  const asked: string[] = []
  const proxy = createServer((request, response) => {
    asked.push(`${request.headers.host}${request.url}`)
    if (answer) response.writeHead(answer.status, { location: 'https://www.example.com/' }).end(answer.body)
  })
  const outbound = createOutbound({ allowances: parseAllowances(''), deadlineMs: 300 })
  const listenAt = (http: number) => c.configure({ webPorts: { http, https: 1 } })
  beforeAll(async () => {
    c = await contestWorld()
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', () => resolve()))
    const send: typeof outbound.send = ({ url, ...question }) =>
      outbound.send({ ...question, url: url.replace(proxyAddress, '127.0.0.1'), allow: '127.0.0.1' })
    Object.assign(c.w.services, { outbound: { ...outbound, send } })
  }, 30_000)
  afterAll(async () => {
    proxy.closeAllConnections()
    proxy.close()
    await outbound.close()
    await c.close()
  })
  beforeEach(async () => {
    await c.reset()
    answer = { status: 404 }
    asked.length = 0
    listenAt((proxy.address() as AddressInfo).port)
  })

  const atProxy = { 'www.example.com': { A: [proxyAddress] } }

  it('stays where its edge alone proves it, behind that', async () => {
    const token = (await c.held('www.example.com', atProxy)).replace('hostler=', '')
    const [row] = await c.w.test.query('select id from domains where team_id = $1', [c.w.rival.id])
    answer = { status: 200, body: token }

    await c.prove('www.example.com')

    expect(await c.holders()).toEqual(['www.example.com rival'])
    expect(asked).toContain(`www.example.com${challengePath(String(row?.id))}`)
  })

  it.each([301, 401, 403, 429, 500, 503])('stays where the answer is %i', async (status) => {
    await c.held('www.example.com', atProxy)
    answer = { status }

    await c.prove('www.example.com')

    expect(await c.holders()).toEqual(['www.example.com rival'])
  })

  it('stays where nobody answers in time', async () => {
    await c.held('www.example.com', atProxy)
    answer = null

    await c.prove('www.example.com')

    expect(await c.holders()).toEqual(['www.example.com rival'])
    expect(asked).not.toEqual([])
  })

  it('stays where nobody listens', async () => {
    await c.held('www.example.com', atProxy)
    listenAt(await freePort())

    await c.prove('www.example.com')

    expect(await c.holders()).toEqual(['www.example.com rival'])
  })

  it('stays where one of its addresses may not be asked', async () => {
    await c.held('www.example.com', { 'www.example.com': { A: [proxyAddress, '10.0.0.1'] } })

    await c.prove('www.example.com')

    expect(await c.holders()).toEqual(['www.example.com rival'])
  })

  it.each([{ status: 404 }, { status: 410 }, { status: 421 }, { status: 200, body: 'The shop of somebody else' }])(
    'goes where another answers by it: $status',
    async (another) => {
      await c.held('www.example.com', atProxy)
      answer = another

      await c.prove('www.example.com')

      expect(await c.holders()).toEqual(['www.example.com acme'])
    },
  )
})
