import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ProcessRuntime } from '../../../server/deploys/runtimes/process/process-runtime.js'
import type { InstancePlan } from '../../../server/deploys/runtimes/runtime.js'
import { needs } from '../../support/parts.js'
import * as sites from '../../support/sites.js'

const program = `
  process.once('SIGTERM', () => { console.log('draining'); setTimeout(() => process.exit(0), 300) })
  require('node:http').createServer((request, response) => {
    if (request.url === '/crash') process.exit(3)
    response.end('hello')
  }).listen(Number(process.env.PORT), process.env.HOST)
`

describe.skipIf(!needs('flock', 'setsid'))('an instance on a machine without systemd and runit', () => {
  const { host, nodeVersions, remove } = sites.localServer()
  const runtime = new ProcessRuntime(nodeVersions)
  const place = sites.newPlace(host)
  let instance: InstancePlan
  let folder: string

  const answers = async (path = '/') =>
    (await fetch(`http://127.0.0.1:${instance.port}${path}`, { signal: AbortSignal.timeout(1000) }).catch(() => null))
      ?.ok === true

  beforeAll(async () => {
    const source = sites.checkout(host, { 'server.js': program })
    const plan = sites.buildPlan(place, source, { startCommand: 'true && node server.js' })
    const io = sites.workIo(host)
    await runtime.prepareBuild(host, plan, io)
    instance = await sites.instancePlan(plan, (await runtime.build(host, plan, io)).artifact)
    folder = `${place.folder}/instances/1-${instance.port}`
    mkdirSync(folder)
    writeFileSync(`${folder}/supervisor`, 'plain')
    await runtime.writeEnvironment(host, instance, {})
    await runtime.start(host, instance)
    await sites.eventually('the first answer', answers)
  }, 240_000)

  afterAll(async () => {
    await runtime.removePlace(host, place)
    remove()
  })

  test('starting it again leaves one', async () => {
    const before = readFileSync(`${folder}/pid`, 'utf8')
    await runtime.start(host, instance)

    expect(readFileSync(`${folder}/pid`, 'utf8')).toBe(before)
    expect(await runtime.observe(host, instance)).toMatchObject({ state: 'running', restarts: 0 })
  })

  test('comes back after a crash, which is counted', async () => {
    await answers('/crash')
    await sites.eventually('a restart', async () => (await runtime.observe(host, instance)).restarts === 1)
    await sites.eventually('an answer again', answers)

    expect(await runtime.observe(host, instance)).toMatchObject({ exitCode: 3, state: 'running' })
  })

  test('may finish its work when it is stopped, and stays down', async () => {
    const session = ps('-o', 'sid=', '-p', readFileSync(`${folder}/keep.pid`, 'utf8').trim()).trim()
    await runtime.stop(host, instance, { drainSeconds: 5 })
    const seen = await runtime.observe(host, instance)

    expect(seen).toMatchObject({ state: 'exited', exitCode: 0 })
    expect(seen.lastLines).toContain('draining')
    expect(await answers()).toBe(false)
    for (const _ of [1, 2]) await runtime.removeInstance(host, instance)
    expect(await runtime.observe(host, instance)).toMatchObject({ state: 'missing' })
    await expect.poll(() => aliveIn(session)).toEqual([])
  })
})

const ps = (...words: string[]): string => execFileSync('ps', words, { encoding: 'utf8' })

/** Whoever ended and was not yet fetched is not alive. */
const aliveIn = (session: string): string[] =>
  ps('-eo', 'sid=,stat=,args=')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([of, state]) => of === session && !state?.startsWith('Z'))
    .map(([, , ...words]) => words.join(' '))
