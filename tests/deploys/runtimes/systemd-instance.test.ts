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
  const { readFileSync } = require('node:fs')
  if (process.argv[2] === 'end') { console.log('I end'); process.exit(3) }
  console.log(JSON.stringify({ environment: process.env, status: readFileSync('/proc/self/status', 'utf8') }))
  setInterval(() => {}, 1000)
`

describe.skipIf(!needs('systemd'))('an instance under systemd', () => {
  let server: SystemdServer
  let site: SystemdSite
  let instance: InstancePlan

  const observe = (which = instance) => site.runtime.observe(server.host, which)
  const said = () => sites.eventually('its first line', async () => (await observe()).lastLines[0])

  beforeAll(async () => {
    server = await startSystemdServer()
    site = systemdSite(server, program)
    instance = await site.started({ memoryMb: 64, cpus: 0.5 })
  })
  afterAll(() => server.stop())

  test('has the environment that it would have without systemd', async () => {
    const { environment } = JSON.parse(await said())

    const { home, app } = { home: `${site.place.folder}/home`, app: `${site.place.folder}/releases/1/app` }
    expect(environment).toMatchObject({ HOME: home, USER: site.place.user, SHELL: '/bin/sh', LANG: 'C.UTF-8' })
    expect(environment.NODE_EXTRA_CA_CERTS).toBe('/etc/ssl/certs/ca-certificates.crt')
    expect(environment.PATH).toContain(`/bin:${app}/node_modules/.bin:`)
    expect(environment).not.toHaveProperty('JOURNAL_STREAM')
  })

  test('is the site’s user within its limits and may become nobody else', async () => {
    const { status } = JSON.parse(await said())

    const shown = server.sh(
      `systemctl show -p User,MemoryMax,CPUQuotaPerSecUSec,TasksMax ${unitOf(site.place, instance)}`,
    )
    expect(shown.split('\n').toSorted()).toEqual([
      'CPUQuotaPerSecUSec=500ms',
      `MemoryMax=${64 * 1024 * 1024}`,
      'TasksMax=1024',
      `User=${site.place.user}`,
    ])
    expect(status).toMatch(/^CapBnd:\s+0+$/m)
    expect(status).toMatch(/^NoNewPrivs:\s+1$/m)
  })

  test('says only what it said itself, and how it ended', async () => {
    const ending = await site.started({ startCommand: 'node server.js end' })
    const seen = await sites.eventually('a restart', async () => {
      const now = await observe(ending)
      return now.restarts > 0 && now
    })
    await site.runtime.removeInstance(server.host, ending)

    expect(seen).toMatchObject({ exitCode: 3, reason: 'It ended with exit code 3.' })
    expect(new Set(seen.lastLines)).toEqual(new Set(['I end']))
  })

  test('has its log followed for as long as somebody reads', async () => {
    const reader = new AbortController()
    const lines: { text: string; at: Date | null }[] = []
    const following = site.runtime.logs(server.host, instance, {
      follow: true,
      lines: 5,
      signal: reader.signal,
      onLine: (text, at) => lines.push({ text, at }),
    })
    await sites.eventually('what it said', async () => lines.length > 0)
    reader.abort()
    await following

    expect(lines[0]).toEqual({ text: await said(), at: expect.any(Date) })
    expect(server.sh('pgrep journalctl || true')).toBe('')
  })
})
