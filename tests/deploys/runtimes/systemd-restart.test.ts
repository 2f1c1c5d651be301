import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { InstancePlan } from '../../../server/deploys/runtimes/runtime.js'
import { needs } from '../../support/parts.js'
import * as sites from '../../support/sites.js'
import {
  type SystemdServer,
  type SystemdSite,
  startSystemdServer,
  systemdSite,
  unitOf,
} from '../../support/systemd-server.js'

const program = `
  console.log('up')
  const kept = []
  if (process.argv[2] === 'eat') for (;;) kept.push(Buffer.alloc(1e6, 1))
  setInterval(() => {}, 1000)
`

describe.skipIf(!needs('systemd'))('an instance under systemd that is killed', () => {
  let server: SystemdServer
  let site: SystemdSite

  const observe = (instance: InstancePlan) => site.runtime.observe(server.host, instance)

  /** Waits until it has said so often, and nothing else, that it is up. */
  const starts = (instance: InstancePlan, times: number) =>
    sites.eventually(`start ${times}`, async () => {
      const { lastLines } = await observe(instance)
      return lastLines.length === times && lastLines.every((line) => line === 'up')
    })

  beforeAll(async () => {
    server = await startSystemdServer()
    site = systemdSite(server, program)
  })
  afterAll(() => server.stop())

  test('is killed when it takes more memory than it may', async () => {
    const eating = await site.started({ startCommand: 'node server.js eat', memoryMb: 64 })
    const seen = await sites.eventually('its end', async () => {
      const now = await observe(eating)
      return now.exitCode !== null && now
    })
    await site.runtime.removeInstance(server.host, eating)

    expect(seen.exitCode).toBe(137)
    expect(seen.reason).toContain('memory')
  })

  test('comes back when it is killed, and when the machine starts again', async () => {
    const instance = await site.started()
    await starts(instance, 1)
    server.sh(`systemctl kill --signal KILL ${unitOf(site.place, instance)}`)
    await starts(instance, 2)
    expect(await observe(instance)).toMatchObject({ state: 'running', restarts: 1 })

    await server.reboot()

    await starts(instance, 3)
    expect(await observe(instance)).toMatchObject({ state: 'running', restarts: 0, startedAt: expect.any(Date) })
  })
})
