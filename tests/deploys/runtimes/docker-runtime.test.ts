import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DockerRuntime } from '../../../server/deploys/runtimes/docker/docker-runtime.js'
import type { BuildPlan, InstancePlan, SitePlace } from '../../../server/deploys/runtimes/runtime.js'
import { Secret } from '../../../server/platform/secret.js'
import type { Host } from '../../../server/platform/ssh/host.js'
import { docker, startDockerServer } from '../../support/docker.js'
import { needs } from '../../support/parts.js'
import * as sites from '../../support/sites.js'

const program = `
  const { createServer } = require('node:http')
  console.log('up on', process.version)
  createServer((request, response) => {
    if (request.url === '/crash') process.exit(3)
    if (request.url === '/eat') { const all = []; for (;;) all.push(Buffer.alloc(10_000_000, 1)) }
    const { readFileSync } = require('node:fs')
    response.end(JSON.stringify({ env: process.env, uid: process.getuid(), version: process.version, status: readFileSync('/proc/self/status', 'utf8') }))
  }).listen(Number(process.env.PORT), process.env.HOST)
`
const hostile = new Secret(`a'b"\n$(id) \`id\` \\ !x\u2028\r\n-e é \n\t `)
const oneLine = new Secret(` two  blanks $(id) #not a comment 'x' "y" \\ `)

describe.skipIf(!needs('docker', 'root', 'sshd'))('an instance as a container', () => {
  let server: Awaited<ReturnType<typeof startDockerServer>>
  let host: Host
  let runtime: DockerRuntime
  let place: SitePlace
  let build: BuildPlan
  let instance: InstancePlan
  let name: string

  type Answer = { env: Record<string, string>; uid: number; version: string; status: string }
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
    server = await startDockerServer()
    host = server.host
    runtime = new DockerRuntime(server.nodeVersions)
    place = sites.newPlace(host)
    const source = sites.checkout(host, {
      'web/server.js': program,
      'web/package.json': '{}',
      '.git/config': 'token',
      'node_modules/x.js': '',
    })
    build = sites.buildPlan(place, source, {
      rootFolder: 'web',
      buildCommand: `ls -A /app > seen; id -u > user; printf %s "$TOKEN" | wc -c > token-length; node -v`,
      buildEnvironment: { TOKEN: new Secret('build-secret\n ') },
      startCommand: 'cat seen user token-length; exec node server.js',
      memoryMb: 96,
      cpus: 0.5,
    })
    const io = sites.workIo(host)
    await runtime.prepareBuild(host, build, io)
    const { artifact } = await runtime.build(host, build, io)
    instance = await sites.instancePlan(build, artifact)
    name = `hostler-${place.siteId}-1-${instance.port}`
    await runtime.writeEnvironment(host, instance, { HOSTILE: hostile, ONE_LINE: oneLine, EMPTY: new Secret('') })
    await runtime.release(host, instance, 'echo "released with $ONE_LINE"; id -u', io)
    expect(io.lines.slice(-2)).toEqual([`released with ${oneLine.reveal()}`, '10001'])
    await runtime.start(host, instance)
    await ask()
  }, 60_000)

  afterAll(async () => {
    await runtime.removePlace(host, place)
    await server.stop()
  })

  test('CI-06: gets every value byte for byte', async () => {
    const { env } = await ask()

    expect(env).toMatchObject({
      HOSTILE: hostile.reveal(),
      ONE_LINE: oneLine.reveal(),
      EMPTY: '',
      PORT: String(instance.port),
    })
    expect(env).not.toHaveProperty('TOKEN')
  })

  test('is built as nobody special, from the commit without .git and node_modules, with its build secret', async () => {
    const { lastLines } = await runtime.observe(host, instance)

    expect(lastLines).toEqual(['web', '10001', '14', `up on v${sites.node22}`])
  })

  test('no secret is in an argument, an image, its history, or a file that others can read', () => {
    const seen = [
      execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }),
      docker('history', '--no-trunc', instance.artifact),
      docker('image', 'inspect', instance.artifact),
      docker('inspect', '--format', '{{json .Path}} {{json .Args}} {{json .HostConfig}}', name),
    ].join('\n')

    for (const secret of ['build-secret', '$(id) `id`', 'two  blanks']) expect(seen).not.toContain(secret)
    expect(existsSync(`${place.folder}/builds/1`)).toBe(false)
    expect(
      execFileSync('stat', ['-c', '%a', `${place.folder}/instances/1-${instance.port}/env.list`], { encoding: 'utf8' }),
    ).toBe('600\n')
  })

  test('is confined', async () => {
    const { uid, version, status } = await ask()
    const settings = JSON.parse(docker('inspect', '--format', '{{json .HostConfig}}', name))

    expect({ uid, version }).toEqual({ uid: 10_001, version: `v${sites.node22}` })
    expect(status).toMatch(/NoNewPrivs:\s+1/)
    expect(status).toMatch(/CapBnd:\s+0000000000000000/)
    expect(settings).toMatchObject({
      Memory: 96 * 1024 * 1024,
      CpuPeriod: 100_000,
      CpuQuota: 50_000,
      PidsLimit: 1024,
      PortBindings: { [`${instance.port}/tcp`]: [{ HostIp: '127.0.0.1', HostPort: String(instance.port) }] },
    })
  })

  test('runs where it may use more CPUs than the machine has', async () => {
    const io = sites.workIo(host)
    await runtime.release(host, { ...instance, cpus: availableParallelism() + 1 }, 'echo ran', io)

    expect(io.lines).toContain('ran')
  })

  test('starting it again leaves one', async () => {
    const before = docker('inspect', '--format', '{{.Id}}', name)
    await runtime.start(host, instance)

    expect(docker('inspect', '--format', '{{.Id}}', name)).toBe(before)
  })

  test('comes back after a crash, which is counted', async () => {
    await fetch(`http://127.0.0.1:${instance.port}/crash`, { signal: AbortSignal.timeout(3000) }).catch(() => null)
    // Docker tells the exit code a moment after the restart.
    const seen = await observed(
      'a restart',
      ({ restarts, state, exitCode }) => restarts === 1 && state === 'running' && exitCode !== null,
    )

    expect(seen).toMatchObject({ exitCode: 3, reason: 'It ended with exit code 3.' })
    await ask()
  })

  test('says so when it was killed for its memory', async () => {
    await fetch(`http://127.0.0.1:${instance.port}/eat`, { signal: AbortSignal.timeout(3000) }).catch(() => null)
    // That it was the memory, too, Docker tells a moment later.
    const seen = await observed(
      'its end',
      ({ reason, state }) => state === 'running' && reason?.includes('memory and was killed') === true,
    )

    expect(seen).toMatchObject({ restarts: 2, state: 'running' })
    expect(seen.reason).toContain('It used more than its 96 MB of memory and was killed')
    await ask()
  })

  test('its log can be read and followed until the reader goes', async () => {
    const reader = new AbortController()
    const lines: { line: string; at: Date | null }[] = []
    const options = { follow: true, lines: 50, signal: reader.signal }
    const following = runtime.logs(host, instance, { ...options, onLine: (line, at) => lines.push({ line, at }) })
    await sites.eventually('the first line', async () => lines.length > 0)
    reader.abort()
    await following

    expect(lines[0]?.line).toBe('web')
    expect(Math.abs((lines[0]?.at?.getTime() ?? 0) - Date.now())).toBeLessThan(120_000)
  })

  test('is found without any row, stops when told, twice, and leaves nothing', async () => {
    const here = { instances: [{ release: 1, port: instance.port }], releases: [1] }
    expect(await runtime.listLeftovers(host, place)).toEqual(here)

    for (const _ of [1, 2]) await runtime.stop(host, instance, { drainSeconds: 5 })
    expect(await runtime.observe(host, instance)).toMatchObject({ state: 'exited' })
    for (const _ of [1, 2]) await runtime.removeInstance(host, instance)
    for (const _ of [1, 2]) await runtime.removeRelease(host, build)
    expect(await runtime.observe(host, instance)).toMatchObject({ state: 'missing' })
    expect(await runtime.listLeftovers(host, place)).toEqual({ instances: [], releases: [] })
  })
})
