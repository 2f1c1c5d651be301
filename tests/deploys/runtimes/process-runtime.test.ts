import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ProcessRuntime } from '../../../server/deploys/runtimes/process/process-runtime.js'
import type { BuildPlan, InstancePlan } from '../../../server/deploys/runtimes/runtime.js'
import { Secret } from '../../../server/platform/secret.js'
import { needs } from '../../support/parts.js'
import * as sites from '../../support/sites.js'

const isRoot = process.getuid?.() === 0

const program = `
  const { createServer } = require('node:http')
  console.log('up on', process.version)
  createServer((request, response) => {
    if (request.url === '/crash') process.exit(3)
    if (request.url === '/eat') { const all = []; for (;;) all.push(Buffer.alloc(10_000_000, 1)) }
    response.end(JSON.stringify({ env: process.env, uid: process.getuid(), version: process.version }))
  }).listen(Number(process.env.PORT), process.env.HOST)
`
const hostile = new Secret(`a'b"\n$(id) \`id\` \\ !x\u2028\r\n-e é \n\t `)

describe.skipIf(!needs('runsv', 'setpriv', 'flock'))('an instance as a process', () => {
  const { host, nodeVersions, remove } = sites.localServer()
  const runtime = new ProcessRuntime(nodeVersions)
  const place = sites.newPlace(host)
  let build: BuildPlan
  let instance: InstancePlan

  type Answer = { env: Record<string, string>; uid: number; version: string }
  const maybeAsk = async (): Promise<Answer | null> => {
    const response = await fetch(`http://127.0.0.1:${instance.port}/`, { signal: AbortSignal.timeout(1000) }).catch(
      () => null,
    )
    return response ? ((await response.json()) as Answer) : null
  }
  const ask = () => sites.eventually('an answer', maybeAsk)
  const observed = (what: string, is: (seen: Awaited<ReturnType<typeof runtime.observe>>) => boolean) =>
    sites.eventually(what, async () => {
      const seen = await runtime.observe(host, instance)
      return is(seen) && seen
    })

  beforeAll(async () => {
    const source = sites.checkout(host, { 'server.js': program, 'package.json': '{}' })
    build = sites.buildPlan(place, source, { startCommand: 'node server.js', memoryMb: 96, cpus: 0.5 })
    const io = sites.workIo(host)
    await runtime.prepareBuild(host, build, io)
    const { artifact } = await runtime.build(host, build, io)
    instance = await sites.instancePlan(build, artifact)
    await runtime.writeEnvironment(host, instance, { HOSTILE: hostile, EMPTY: new Secret(''), job: new Secret('x') })
    await runtime.start(host, instance)
    await ask()
  }, 240_000)

  afterAll(async () => {
    await runtime.removePlace(host, place)
    expect(existsSync(place.folder)).toBe(false)
    if (isRoot) expect(() => execFileSync('id', [place.user], { stdio: 'ignore' })).toThrow()
    remove()
  })

  test('CI-06: gets every value byte for byte, and no value of the panel', async () => {
    const { env } = await ask()

    expect(env).toMatchObject({
      HOSTILE: hostile.reveal(),
      EMPTY: '',
      job: 'x',
      PORT: String(instance.port),
      NODE_ENV: 'production',
    })
    // Where there is bash, it adds two of its own.
    const ours = Object.keys(env).filter((key) => !['NODE_EXTRA_CA_CERTS', 'SHLVL', '_'].includes(key))
    expect(ours.sort()).toEqual('EMPTY HOME HOST HOSTILE LANG LOGNAME NODE_ENV PATH PORT PWD SHELL USER job'.split(' '))
  })

  test('no secret is in an argument, and only its user can read the file', async () => {
    const list = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
    const file = `${place.folder}/instances/1-${instance.port}/env.sh`

    expect(list).not.toContain('$(id) `id`')
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  test.skipIf(!needs('root'))(
    'CI-13: runs as the user of the site, with the asked limits and no way to more rights',
    async () => {
      const { uid, version } = await ask()
      const pid = readFileSync(`${place.folder}/instances/1-${instance.port}/pid`, 'utf8').trim()
      const status = readFileSync(`/proc/${pid}/status`, 'utf8')

      expect(version).toBe(`v${sites.node22}`)
      expect(uid).toBe(Number(execFileSync('id', ['-u', place.user], { encoding: 'utf8' })))
      expect(uid).not.toBe(0)
      expect(status).toMatch(/NoNewPrivs:\s+1/)
      expect(status).toMatch(/CapBnd:\s+0000000000000000/)
      expect(limitOf(pid)).toEqual({ memory: String(96 * 1024 * 1024), cpu: '50000' })
    },
  )

  test.skipIf(!needs('root'))('has no ceiling of time where the machine has no more CPUs than it may use', async () => {
    const io = sites.workIo(host)
    const group = `hostler-${place.siteId}-1-command`
    const quota = `cat /sys/fs/cgroup/cpu/${group}/cpu.cfs_quota_us /sys/fs/cgroup/${group}/cpu.max 2>/dev/null || true`
    await runtime.release(host, { ...instance, cpus: availableParallelism() }, quota, io)

    expect(io.lines.join()).toMatch(/^(-1|max 100000)$/)
  })

  test('starting it again leaves one', async () => {
    const before = readFileSync(`${place.folder}/instances/1-${instance.port}/pid`, 'utf8')
    await runtime.start(host, instance)

    expect(readFileSync(`${place.folder}/instances/1-${instance.port}/pid`, 'utf8')).toBe(before)
    expect(await runtime.observe(host, instance)).toMatchObject({ state: 'running', restarts: 0, exitCode: null })
  })

  test('comes back after a crash, which is counted and explained', async () => {
    await fetch(`http://127.0.0.1:${instance.port}/crash`, { signal: AbortSignal.timeout(3000) }).catch(() => null)
    const seen = await observed('a restart', ({ restarts, state }) => restarts === 1 && state === 'running')

    expect(seen).toMatchObject({ exitCode: 3, reason: 'It ended with exit code 3.' })
    expect(seen.lastLines.filter((line) => line === `up on v${sites.node22}`).length).toBeGreaterThanOrEqual(1)
    await ask()
  })

  test.skipIf(!needs('root'))('says so when it was killed for its memory', async () => {
    await fetch(`http://127.0.0.1:${instance.port}/eat`, { signal: AbortSignal.timeout(3000) }).catch(() => null)
    const seen = await observed('its end', ({ restarts }) => restarts === 2)

    expect(seen.reason).toContain('It used more than its 96 MB of memory and was killed')
    await ask()
  })

  test('its log can be read and followed until the reader goes', async () => {
    const reader = new AbortController()
    const lines: { line: string; at: Date | null }[] = []
    const following = runtime.logs(host, instance, {
      follow: true,
      lines: 50,
      signal: reader.signal,
      onLine: (line, at) => lines.push({ line, at }),
    })
    await sites.eventually('the first line', async () => lines.length > 0)
    reader.abort()
    await following

    expect(lines[0]?.line).toBe(`up on v${sites.node22}`)
    expect(Math.abs((lines[0]?.at?.getTime() ?? 0) - Date.now())).toBeLessThan(60_000)
  })

  test('is found without any row, stops when told, twice, and leaves nothing', async () => {
    expect(await runtime.listLeftovers(host, place)).toEqual({
      instances: [{ release: 1, port: instance.port }],
      releases: [1],
    })

    for (const _ of [1, 2]) await runtime.stop(host, instance, { drainSeconds: 5 })
    expect(await runtime.observe(host, instance)).toMatchObject({ state: 'exited' })
    expect(await maybeAsk()).toBeNull()

    for (const _ of [1, 2]) await runtime.removeInstance(host, instance)
    for (const _ of [1, 2]) await runtime.removeRelease(host, build)
    expect(await runtime.observe(host, instance)).toMatchObject({ state: 'missing' })
    expect(await runtime.listLeftovers(host, place)).toEqual({ instances: [], releases: [] })
    if (isRoot) expect(sites.processesOf(place.user)).toEqual([])
  })
})

function limitOf(pid: string): { memory: string; cpu: string } {
  const groups = new Map(
    readFileSync(`/proc/${pid}/cgroup`, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(':').slice(1) as [string, string]),
  )
  const read = (file: string) => readFileSync(`/sys/fs/cgroup${file}`, 'utf8').trim()
  if (!existsSync('/sys/fs/cgroup/cgroup.controllers')) {
    return {
      memory: read(`/memory${groups.get('memory')}/memory.limit_in_bytes`),
      cpu: read(`/cpu${groups.get('cpu')}/cpu.cfs_quota_us`),
    }
  }
  return { memory: read(`${groups.get('')}/memory.max`), cpu: read(`${groups.get('')}/cpu.max`).split(' ')[0] ?? '' }
}
