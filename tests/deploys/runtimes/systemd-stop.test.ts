import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { needs } from '../../support/parts.js'
import * as sites from '../../support/sites.js'
import {
  type SystemdServer,
  type SystemdSite,
  startSystemdServer,
  systemdSite,
  unitOf,
} from '../../support/systemd-server.js'

/** Says when it is asked to end, and does as it is told then. */
const program = `
  const how = process.argv[2]
  process.on('SIGTERM', () => {
    console.log('draining')
    if (how === 'busy') setTimeout(() => { console.log('done'); process.exit(0) }, 1000)
  })
  console.log('up')
  setInterval(() => {}, 1000)
`

describe.skipIf(!needs('systemd'))('stopping an instance under systemd', () => {
  let server: SystemdServer
  let site: SystemdSite

  beforeAll(async () => {
    server = await startSystemdServer()
    site = systemdSite(server, program)
  })
  afterAll(() => server.stop())

  const started = async (how: string) => {
    const instance = await site.started({ startCommand: `node server.js ${how}` })
    await sites.eventually('it is up', async () => (await lastLines(instance)).includes('up'))
    return instance
  }
  const lastLines = async (instance: Awaited<ReturnType<SystemdSite['started']>>) =>
    (await site.runtime.observe(server.host, instance)).lastLines

  test('lets it finish its work', async () => {
    const instance = await started('busy')

    await site.runtime.stop(server.host, instance, { drainSeconds: 10 })

    expect(await site.runtime.observe(server.host, instance)).toMatchObject({ state: 'exited', exitCode: 0 })
    expect(await lastLines(instance)).toEqual(['up', 'draining', 'done'])
  })

  test('kills what does not listen, once its time to drain is over, and leaves no unit and no file', async () => {
    const instance = await started('deaf')
    const unit = unitOf(site.place, instance)
    // Nor may it hold up the end of the machine.
    expect(server.sh(`systemctl show -P TimeoutStopUSec ${unit}`)).toBe('30s')

    await site.runtime.removeInstance(server.host, instance, { drainSeconds: 1 })

    expect(server.sh(`pgrep -u ${site.place.user} || true`)).toBe('')
    expect(
      server.sh(`systemctl list-units --all --no-legend ${unit}; find /etc/systemd /run/systemd -name '${unit}*'`),
    ).toBe('')
    expect(await site.runtime.observe(server.host, instance)).toMatchObject({ state: 'missing' })
  })
})
