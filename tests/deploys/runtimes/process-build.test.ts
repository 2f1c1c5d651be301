import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ProcessRuntime } from '../../../server/deploys/runtimes/process/process-runtime.js'
import type { BuildPlan } from '../../../server/deploys/runtimes/runtime.js'
import { Secret } from '../../../server/platform/secret.js'
import { needs } from '../../support/parts.js'
import * as sites from '../../support/sites.js'

describe.skipIf(!needs('setpriv', 'flock'))('a build as a process', () => {
  const { host, nodeVersions, remove } = sites.localServer()
  const runtime = new ProcessRuntime(nodeVersions)
  const place = sites.newPlace(host)
  const source = () =>
    sites.checkout(host, {
      'package.json': '{"dependencies":{"is-number":"7.0.0"}}',
      'apps/web/index.html': '<h1>Hello</h1>',
    })

  const building = async (change: Partial<BuildPlan>, io = sites.workIo(host)) => {
    const plan = sites.buildPlan(place, source(), change)
    await runtime.prepareBuild(host, plan, io)
    const { artifact } = await runtime.build(host, plan, io)
    return { plan, artifact, lines: io.lines }
  }

  beforeAll(() => nodeVersions.ensure(host, sites.node24), 240_000)

  afterAll(async () => {
    await runtime.removePlace(host, place)
    remove()
  })

  test('installs from the registry with the Node and npm it asked for', { timeout: 60_000 }, async () => {
    const { lines, artifact } = await building({
      buildCommand: 'npm install && node --version',
      nodeVersion: sites.node24,
    })

    expect(lines).toContain(`v${sites.node24}`)
    expect(existsSync(`${artifact}/app/node_modules/is-number/package.json`)).toBe(true)
  })

  test('is prepared again by whoever takes over, also when the files were moved already', async () => {
    const plan = sites.buildPlan(place, source(), { buildCommand: 'cat apps/web/index.html' })
    await runtime.prepareBuild(host, plan, sites.workIo(host))
    const io = sites.workIo(host)

    await runtime.prepareBuild(host, plan, sites.workIo(host))
    await runtime.build(host, plan, io)

    expect(io.lines).toEqual(['<h1>Hello</h1>'])
    expect(existsSync(plan.source)).toBe(false)
  })

  test('CI-13: sees its own environment and nothing of the panel', async () => {
    process.env.PANEL_SECRET = 'of-the-panel'
    const { lines } = await building({
      buildCommand: 'env; id -un; cat /etc/shadow; ls /proc/1/environ && cat /proc/1/environ; true',
      buildEnvironment: { TOKEN: new Secret('one\ntwo  ') },
    })
    const said = lines.join('\n')

    expect(said).toContain('TOKEN=one\ntwo  ')
    expect(said).not.toContain('of-the-panel')
    if (process.getuid?.() === 0) expect(said).toContain(`\n${place.user}\n`)
    expect(said).toMatch(/shadow: Permission denied/)
    delete process.env.PANEL_SECRET
  })

  test.each([
    `echo 'it''s' "$HOME" | cat; echo "*" # comment`,
    'true && echo a; cat <<E\n$(echo in)\nE\n: \\\n && echo joined',
  ])('CI-04: %j is what a shell says it is', async (buildCommand) => {
    const { lines } = await building({ buildCommand, nodeVersion: sites.node24 })
    const expected = execFileSync('sh', ['-c', buildCommand], {
      encoding: 'utf8',
      env: { HOME: `${place.folder}/home` },
    })

    expect(`${lines.filter((line) => line !== '').join('\n')}\n`).toBe(expected)
  })

  test('a failure names what the site runs, carries its last lines, and leaves neither environment nor process', async () => {
    const buildCommand = 'echo broken here; (setsid sleep 300 &); exit 7'
    const failing = building({ buildCommand, buildEnvironment: { TOKEN: new Secret('s') } })

    const failure = { exitCode: 7, display: `“${buildCommand}”`, lastLines: expect.arrayContaining(['broken here']) }
    await expect(failing).rejects.toMatchObject(failure)
    expect(existsSync(`${place.folder}/builds/1`)).toBe(false)
    if (process.getuid?.() === 0) expect(sites.processesOf(place.user)).toEqual([])
  })

  test('cancelling ends it and nothing else', async () => {
    const cancel = new AbortController()
    const io = sites.workIo(host, { signal: cancel.signal })
    const other = sites.newPlace(host)
    const plan = sites.buildPlan(place, source(), { buildCommand: 'echo started; sleep 300 & sleep 300' })
    const neighbour = sites.buildPlan(other, source(), { buildCommand: 'echo started; sleep 2; echo finished' })
    await runtime.prepareBuild(host, plan, sites.workIo(host))
    await runtime.prepareBuild(host, neighbour, sites.workIo(host))
    const theirs = sites.workIo(host)
    const going = runtime.build(host, neighbour, theirs)
    const cancelled = runtime.build(host, plan, io)
    cancelled.catch(() => {})
    await sites.eventually('both builds', async () => io.lines.length > 0 && theirs.lines.length > 0)
    cancel.abort(new Error('cancelled'))

    await expect(cancelled).rejects.toThrow('cancelled')
    if (process.getuid?.() === 0) expect(sites.processesOf(place.user)).toEqual([])
    await going
    expect(theirs.lines).toContain('finished')
    await runtime.removePlace(host, other)
  })

  test('hands on every line of a build that prints much', { timeout: 60_000 }, async () => {
    const { lines } = await building({ buildCommand: 'seq 150000; echo done > done' })

    expect(lines.length).toBe(150_000)
    expect(lines.at(-1)).toBe('150000')
    expect(existsSync(`${place.folder}/releases/1/app/done`)).toBe(true)
  })

  test('static pages are served from their folder without a start command', async () => {
    const { plan, artifact } = await building({ stack: 'static', rootFolder: 'apps', staticFolder: 'web' })
    const instance = await sites.instancePlan(plan, artifact)
    await runtime.writeEnvironment(host, instance, {})
    await runtime.start(host, instance)
    const page = await sites.eventually('the page', () => fetch(`http://127.0.0.1:${instance.port}/`).catch(() => null))

    expect(await page.text()).toBe('<h1>Hello</h1>')
    await runtime.removeInstance(host, instance)
  })

  test('a build that leaves no folder to serve says which it was to be', async () => {
    await expect(building({ stack: 'static', staticFolder: 'dist' })).rejects.toMatchObject({
      status: 422,
      message: 'The build left no folder dist to serve',
    })
  })
})
