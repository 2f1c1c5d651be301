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
    server.sh(`systemctl kill --signal KILL ${unitOf(site.place, instance)}`)
    await sites.eventually('a restart', async () => {
      const { state, restarts } = await observe(instance)
      return state === 'running' && restarts === 1
    })

    await server.reboot()

    expect(await observe(instance)).toMatchObject({ state: 'running', restarts: 0, startedAt: expect.any(Date) })
    expect((await observe(instance)).lastLines).toEqual(['up', 'up', 'up'])
  })
})
