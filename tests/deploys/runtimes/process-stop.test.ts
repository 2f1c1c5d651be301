import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { ProcessRuntime } from '../../../server/deploys/runtimes/process/process-runtime.js'
import type { InstancePlan } from '../../../server/deploys/runtimes/runtime.js'
import { needs } from '../../support/parts.js'
import * as sites from '../../support/sites.js'

/** Answers until it is killed, does what it is told first, or leaves somebody behind. */
const program = `
  const { createServer } = require('node:http')
  const { spawn } = require('node:child_process')
  const how = process.argv[2]
  if (how === 'deaf') process.on('SIGTERM', () => console.log('no'))
  if (how === 'busy') process.once('SIGTERM', () => setTimeout(() => { console.log('done'); process.exit(0) }, 700))
  if (how === 'parent') spawn('setsid', ['sh', '-c', 'trap "" TERM; sleep 600'], { stdio: 'ignore' })
  createServer((request, response) => response.end('hello')).listen(Number(process.env.PORT), process.env.HOST)
`

describe.skipIf(!needs('runsv', 'setpriv', 'flock'))('stopping a process', () => {
  const { host, nodeVersions, remove } = sites.localServer()
  const runtime = new ProcessRuntime(nodeVersions)
  const place = sites.newPlace(host)
  let release = 0

  afterAll(async () => {
    await runtime.removePlace(host, place)
    remove()
  })

  async function started(how: string): Promise<InstancePlan> {
    release++
    const source = sites.checkout(host, { 'server.js': program, id: randomUUID() })
    const plan = sites.buildPlan(place, source, { release, startCommand: `node server.js ${how}` })
    const io = sites.workIo(host)
    await runtime.prepareBuild(host, plan, io)
    const instance = await sites.instancePlan(plan, (await runtime.build(host, plan, io)).artifact)
    await runtime.writeEnvironment(host, instance, {})
    await runtime.start(host, instance)
    await sites.eventually('an answer', () =>
      fetch(`http://127.0.0.1:${instance.port}/`).then(
        (response) => response.ok,
        () => false,
      ),
    )
    return instance
  }
  const pidOf = ({ port }: InstancePlan) =>
    Number(readFileSync(`${place.folder}/instances/${release}-${port}/pid`, 'utf8'))
  const isAlive = (pid: number) => {
    try {
      // Whoever is dead and not yet buried is no longer alive.
      return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
    } catch {
      return false
    }
  }

  test('lets it finish its work, and leaves nothing', async () => {
    const instance = await started('busy')
    const pid = pidOf(instance)

    const stopping = runtime.stop(host, instance, { drainSeconds: 10 })
    await stopping
    const seen = await runtime.observe(host, instance)
    await runtime.removeInstance(host, instance, { drainSeconds: 10 })

    expect(seen).toMatchObject({ state: 'exited', exitCode: 0 })
    expect(seen.lastLines).toContain('done')
    expect(isAlive(pid)).toBe(false)
    expect(await runtime.observe(host, instance)).toMatchObject({ state: 'missing' })
  }, 60_000)

  test('gives it time to drain also when it is removed at once', async () => {
    const instance = await started('busy')
    const log = `${place.folder}/instances/${release}-${instance.port}/log/main/current`
    const lines: string[] = []
    const reader = new AbortController()
    const options = { follow: true, lines: 10, signal: reader.signal, onLine: (line: string) => lines.push(line) }
    const following = runtime.logs(host, instance, options).catch(() => undefined)
    expect(readFileSync(log, 'utf8')).not.toContain('done')

    await runtime.removeInstance(host, instance, { drainSeconds: 10 })
    await sites.eventually('its last words', async () => lines.includes('done'))
    reader.abort()
    await following
  }, 60_000)

  test('kills what does not listen, once its time to drain is over', async () => {
    const instance = await started('deaf')
    const pid = pidOf(instance)

    await runtime.removeInstance(host, instance, { drainSeconds: 1 })

    expect(isAlive(pid)).toBe(false)
    expect(await runtime.observe(host, instance)).toMatchObject({ state: 'missing' })
  }, 60_000)

  test.skipIf(!needs('root'))(
    'also ends what made itself a session of its own and ignores TERM',
    async () => {
      const instance = await started('parent')
      expect(sites.processesOf(place.user).length).toBeGreaterThan(1)

      await runtime.removeInstance(host, instance, { drainSeconds: 5 })

      expect(sites.processesOf(place.user)).toEqual([])
    },
    60_000,
  )
})
