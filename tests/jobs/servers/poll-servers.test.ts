import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { pollServersHandler } from '../../../jobs/servers/poll-servers.js'
import { pruneReadingsHandler } from '../../../jobs/servers/prune-readings.js'
import { addServer, requestCheck } from '../../../server/servers/servers.js'
import { days, minutes } from '../../support/clock.js'
import { needs } from '../../support/parts.js'
import { type ServersWorld, serversWorld } from '../../support/servers.js'
import { type Sshd, startSshd } from '../../support/sshd.js'

let w: ServersWorld
beforeAll(async () => {
  w = await serversWorld()
})
afterAll(() => w.close())
beforeEach(() => w.reset())

const poll = (signal = new AbortController().signal) => pollServersHandler.run({}, { services: w.services, signal })
const readings = (id: string) => w.test.query('select * from server_readings where server_id = $1 order by at', [id])

describe('the health of servers', () => {
  it('is read each time, and readings are kept for seven days', async () => {
    const ctx = await w.ctx('owner')
    const server = await addServer(ctx, { kind: 'local', name: null })
    await w.run(await requestCheck(ctx, server.slug))

    await poll()
    w.clock.advance(minutes(1))
    await poll()

    const [first, second] = await readings(server.id)
    expect(second).toMatchObject({ at: w.clock.now(), team_id: w.acme.id })
    expect(first?.cpu_percent).toBeGreaterThanOrEqual(0)
    expect(first?.cpu_percent).toBeLessThanOrEqual(100)
    expect(Number(first?.memory_used_bytes)).toBeLessThan(Number(first?.memory_total_bytes))
    expect(Number(first?.disk_used_bytes)).toBeGreaterThan(0)
    expect(await w.row(server.id)).toMatchObject({ seen_at: w.clock.now() })

    w.clock.advance(days(7) - 1000)
    await pruneReadingsHandler.run({}, { services: w.services, signal: new AbortController().signal })
    expect(await readings(server.id)).toEqual([second])
  })

  it('is not asked of a server that nobody has checked yet', async () => {
    const server = await addServer(await w.ctx('owner'), { kind: 'local', name: null })

    await poll()

    expect(await readings(server.id)).toEqual([])
  })
})

describe.skipIf(!needs('sshd'))('a server that does not answer', () => {
  let sshd: Sshd
  beforeEach(async () => {
    sshd = await startSshd()
    return () => sshd.stop()
  })

  it('R39: is out of reach from the second missed poll on, and back with the first answer', async () => {
    const server = await w.add(sshd)
    await w.run(await requestCheck(await w.ctx('owner'), 'web-1'))
    const goodPort = sshd.port
    const move = (port: number) => w.test.query('update servers set port = $1 where id = $2', [port, server.id])

    await move(1)
    await poll()
    expect(await w.row(server.id)).toMatchObject({ status: 'ready', status_message: expect.stringContaining('port 1') })
    await poll()
    await poll()
    expect(await w.row(server.id)).toMatchObject({
      status: 'unreachable',
      status_message: expect.stringContaining('Could not reach web-1'),
    })

    await move(goodPort)
    await poll()
    expect(await w.row(server.id)).toMatchObject({ status: 'ready', status_message: null })
    expect((await w.events()).slice(2)).toEqual(['server.unreachable', 'server.reachable'])
  })

  it('forgets a single missed poll', async () => {
    const server = await w.add(sshd)
    await w.run(await requestCheck(await w.ctx('owner'), 'web-1'))
    const move = (port: number) => w.test.query('update servers set port = $1 where id = $2', [port, server.id])

    for (const port of [1, sshd.port, 1]) {
      await move(port)
      await poll()
    }

    expect(await w.row(server.id)).toMatchObject({ status: 'ready' })
    expect((await w.events()).slice(2)).toEqual([])
  })

  it('says nothing about servers when the worker stops in the middle', async () => {
    const server = await w.add(sshd)
    await w.run(await requestCheck(await w.ctx('owner'), 'web-1'))

    await poll(AbortSignal.abort(new Error('stopping')))

    expect(await w.row(server.id)).toMatchObject({ status: 'ready', status_message: null })
  })
})
