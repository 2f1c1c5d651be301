import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { Agent, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startAnsweringApp } from '../../../../bench/support/answering-apps.js'
import { startLoad } from '../../../../bench/support/load.js'
import { lostOf } from '../../../../bench/support/tally.js'
import { ensureRelay, stopRelay } from '../../../../server/domains/edges/direct/relay-process.js'
import { ask, startEdge, type TestEdge } from '../../../support/edges.js'

describe('the relay as a process', () => {
  let at: TestEdge
  beforeAll(async () => {
    at = await startEdge('direct')
  })
  afterAll(() => at.stop())

  const holderPid = async () => Number(await readFile(`${at.host.root}/relay/relay.pid`, 'utf8'))
  const workersOf = async (pid: number) =>
    (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ').filter(Boolean).map(Number)

  it('is started once, however many ask at the same moment', async () => {
    const started = await Promise.all([ensureRelay(at.host), ensureRelay(at.host), ensureRelay(at.host)])
    const pid = await holderPid()

    expect(started).toContain(true)
    expect(await ensureRelay(at.host)).toBe(false)
    expect(await holderPid()).toBe(pid)
  })

  it('loses no request when a new version takes over', async () => {
    const site = await at.newSite('kept')
    const app = await startAnsweringApp('kept', '1')
    await at.edge.ensureSite(at.host, site)
    await at.switchTo(site, app.address)
    const pid = await holderPid()
    const [before] = await workersOf(pid)
    const url = at.edge.url('127.0.0.1', site)
    const load = startLoad({ url, site: 'kept', perSecond: 100, connections: 10, longestMs: 10_000 })

    process.kill(pid, 'SIGHUP')
    await expect.poll(() => workersOf(pid), { timeout: 10_000 }).not.toContain(before)

    const result = await load.stop()
    await app.stop()
    expect(lostOf(result)).toEqual({})
    expect(await holderPid()).toBe(pid)
  })

  it('goes on serving after its worker was killed', async () => {
    const site = await at.newSite()
    await at.edge.ensureSite(at.host, site)
    const [worker] = await workersOf(await holderPid())

    process.kill(worker ?? 0, 'SIGKILL')

    await expect.poll(() => statusOf(site.port), { timeout: 5_000 }).toBe(503)
  })

  it('goes on undisturbed while another program has the port of one site, and takes it when it is free', async () => {
    const [other, site] = [await at.newSite(), await at.newSite()]
    await at.edge.ensureSite(at.host, other)
    const workers = await workersOf(await holderPid())
    const squatter = createServer((_request, response) => response.end('mine')).listen(site.port)
    await once(squatter, 'listening')
    await expect(at.edge.ensureSite(at.host, site)).rejects.toThrow(`answers on port ${site.port}`)
    await expect.poll(() => readFile(`${at.host.root}/relay/relay.log`, 'utf8')).toContain(`:${site.port}`)

    squatter.close()

    await expect.poll(() => statusOf(site.port), { timeout: 5_000 }).toBe(503)
    expect(await workersOf(await holderPid())).toEqual(workers)
  })

  it('answers to the end what is under way when its last site is removed', async () => {
    const alone = await startEdge('direct')
    const site = await alone.newSite()
    const app = createServer((_request, response) => {
      response.write('half')
      setTimeout(() => response.end(' and half'), 1_500)
    }).listen(0, '127.0.0.1')
    await once(app, 'listening')
    await alone.edge.ensureSite(alone.host, site)
    await alone.switchTo(site, `127.0.0.1:${(app.address() as AddressInfo).port}`)

    const answer = ask(site.port)
    await once(app, 'request')
    await alone.edge.removeSite(alone.host, site)

    expect((await answer).body).toBe('half and half')
    await expect.poll(() => statusOf(site.port)).toBe(0)
    app.close()
    await alone.stop()
  })

  it('ends at once when all that is left are idle connections', async () => {
    const alone = await startEdge('direct')
    const site = await alone.newSite()
    await alone.edge.ensureSite(alone.host, site)
    const agent = new Agent({ keepAlive: true })
    await ask(site.port, '/', { agent })
    const relay = `/proc/${(await readFile(`${alone.host.root}/relay/relay.pid`, 'utf8')).trim()}`

    await stopRelay(alone.host)

    await expect.poll(() => existsSync(relay), { timeout: 5_000 }).toBe(false)
    agent.destroy()
    await alone.stop()
  })

  it('is started again with its sites by the health poll when it was killed', async () => {
    const site = await at.newSite()
    await at.edge.ensureSite(at.host, site)
    process.kill(await holderPid(), 'SIGKILL')
    await expect.poll(() => statusOf(site.port), { timeout: 5_000 }).toBe(0)

    const hadTo = await at.edge.reconcile(at.host, [site])

    expect(hadTo).toBe(true)
    await expect.poll(() => statusOf(site.port), { timeout: 5_000 }).toBe(503)
    expect(await at.edge.reconcile(at.host, [site])).toBe(false)
  })
})

const statusOf = (port: number): Promise<number> =>
  ask(port).then(
    (got) => got.status,
    () => 0,
  )
