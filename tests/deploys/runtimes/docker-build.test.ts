import { symlinkSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DockerRuntime } from '../../../server/deploys/runtimes/docker/docker-runtime.js'
import type { BuildPlan, SitePlace } from '../../../server/deploys/runtimes/runtime.js'
import { Secret } from '../../../server/platform/secret.js'
import type { Host } from '../../../server/platform/ssh/host.js'
import { docker, startDockerServer } from '../../support/docker.js'
import { needs } from '../../support/parts.js'
import * as sites from '../../support/sites.js'

describe.skipIf(!needs('docker', 'root', 'sshd'))('a build as an image', () => {
  let server: Awaited<ReturnType<typeof startDockerServer>>
  let host: Host
  let runtime: DockerRuntime
  let place: SitePlace

  beforeAll(async () => {
    server = await startDockerServer()
    host = server.host
    runtime = new DockerRuntime(server.nodeVersions)
    place = sites.newPlace(host)
    const source = sites.checkout(host, { 'index.html': '' })
    for (const nodeVersion of [sites.node22, sites.node24]) {
      await runtime.prepareBuild(
        host,
        sites.buildPlan(place, source, { stack: 'static', nodeVersion }),
        sites.workIo(host),
      )
    }
  }, 240_000)

  afterAll(async () => {
    await runtime.removePlace(host, place)
    const label = `label=hostler.site=${place.siteId}`
    expect(docker('ps', '-aq', '--filter', label) + docker('image', 'ls', '-aq', '--filter', label)).toBe('')
    await server.stop()
  })

  const building = async (source: string, change: Partial<BuildPlan>, io = sites.workIo(host)) => {
    const plan = sites.buildPlan(place, source, change)
    await runtime.prepareBuild(host, plan, io)
    return { plan, ...(await runtime.build(host, plan, io)), io }
  }

  test('installs with the Node it asked for and serves the pages that the build wrote', {
    timeout: 60_000,
  }, async () => {
    const source = sites.checkout(host, { 'a b/package.json': '{"dependencies":{"is-number":"7.0.0"}}' })
    const { plan, artifact, io } = await building(source, {
      stack: 'static',
      rootFolder: 'a b',
      nodeVersion: sites.node24,
      buildCommand: 'npm install && mkdir -p "it\'s $out" && node -p process.version | tee "it\'s $out/index.html"',
      staticFolder: "it's $out",
      buildEnvironment: { out: new Secret('$out') },
    })
    const instance = await sites.instancePlan(plan, artifact)
    await runtime.writeEnvironment(host, instance, {})
    await runtime.start(host, instance)
    const page = await sites.eventually('the page', () =>
      fetch(`http://127.0.0.1:${instance.port}/`, { signal: AbortSignal.timeout(1000) }).catch(() => null),
    )

    expect(await page.text()).toBe(`v${sites.node24}\n`)
    expect(io.lines.join('\n')).toContain('added 1 package')
    await runtime.removeInstance(host, instance)
  })

  test('a Dockerfile of the repository gets its secrets, and a port of its own choice', async () => {
    const source = sites.checkout(host, {
      Dockerfile: [
        'FROM debian:bookworm-slim',
        'RUN --mount=type=secret,id=TOKEN test "$(wc -c < /run/secrets/TOKEN)" = 12 && chown nobody /mnt',
        'CMD ["sleep", "300"]',
      ].join('\n'),
    })
    const { plan, artifact } = await building(source, {
      stack: 'dockerfile',
      nodeVersion: null,
      buildEnvironment: { TOKEN: new Secret('build-secret') },
    })
    const instance = await sites.instancePlan(plan, artifact, { containerPort: 8080 })
    await runtime.writeEnvironment(host, instance, { KEY: new Secret('one\ntwo') })
    await runtime.start(host, instance)
    const name = `hostler-${place.siteId}-1-${instance.port}`

    expect(docker('exec', name, 'printenv', 'KEY', 'PORT')).toBe('one\ntwo\n8080\n')
    expect(docker('port', name)).toBe(`8080/tcp -> 127.0.0.1:${instance.port}\n`)
    expect(docker('history', '--no-trunc', artifact)).not.toContain('build-secret')
    await runtime.stop(host, instance, { drainSeconds: 1 })
    await runtime.removeInstance(host, instance)
  })

  test('a link in the repository makes no other folder or file of the machine the thing that is built', async () => {
    const source = sites.checkout(host, { 'README.md': '' })
    symlinkSync('/etc', `${source}/etc`)
    symlinkSync('/etc/shadow', `${source}/Dockerfile`)
    const change = { stack: 'dockerfile', nodeVersion: null } as const

    await expect(building(source, { ...change, rootFolder: 'etc' })).rejects.toThrow('leads out of the repository')
    await expect(building(source, change)).rejects.toThrow('There is no Dockerfile')
    await expect(building(source, { ...change, rootFolder: '../..' })).rejects.toThrow('inside the repository')
  })

  test('a failure carries the last lines and the exit code, and leaves no secret', async () => {
    const source = sites.checkout(host, { 'package.json': '{}' })
    const failing = building(source, { buildCommand: 'echo broken here; exit 7', release: 2 })

    await expect(failing).rejects.toMatchObject({
      lastLines: expect.arrayContaining([
        expect.stringContaining('broken here'),
        expect.stringContaining('exit code: 7'),
      ]),
    })
    expect(await runtime.listLeftovers(host, place)).toMatchObject({ releases: [1] })
  })

  test('a build that leaves no folder to serve says which it was to be', async () => {
    const source = sites.checkout(host, { 'package.json': '{}' })

    await expect(building(source, { stack: 'static', staticFolder: 'dist', release: 2 })).rejects.toMatchObject({
      message: 'The build left no folder dist to serve',
    })
  })

  test('cancelling ends what runs inside', async () => {
    const source = sites.checkout(host, { 'package.json': '{}' })
    const cancel = new AbortController()
    const io = sites.workIo(host, { signal: cancel.signal })
    const mark = `314${process.pid}`
    const cancelled = building(source, { buildCommand: `echo now asleep; sleep ${mark}`, release: 3 }, io)
    cancelled.catch(() => {})
    await sites.eventually('the build', async () => io.lines.some((line) => / now asleep$/.test(line)))
    cancel.abort(new Error('cancelled'))

    await expect(cancelled).rejects.toThrow('cancelled')
    await sites.eventually('its end', async () => !sites.isRunning(`sleep ${mark}`))
  })
})
