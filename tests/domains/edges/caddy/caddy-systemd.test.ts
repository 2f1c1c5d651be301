import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { caddyEdge } from '../../../../server/domains/edges/caddy/caddy-edge.js'
import { needs } from '../../../support/parts.js'
import { answers, edgeSiteOn, type SystemdServer, startSystemdServer } from '../../../support/systemd-server.js'

describe.skipIf(!needs('systemd'))('Caddy on a machine with systemd', () => {
  let server: SystemdServer
  const edge = caddyEdge()
  const site = edgeSiteOn(10_081)

  beforeAll(async () => {
    server = await startSystemdServer()
    // Theirs, so it stays. Ours would be 3 s, which each end of a Caddy takes.
    server.sh("printf '{\\n  shutdown_delay 100ms\\n}\\n:80\\n' >/etc/caddy/Caddyfile && systemctl reload caddy")
    await edge.prepare(server.host)
    await edge.ensureSite(server.host, site)
  })
  beforeEach(() => answers(server, site))
  afterAll(() => server.stop())

  const handsOver = () => server.sh('cat /proc/sys/net/ipv4/tcp_migrate_req')

  test('has a kernel that hands over who waits while it takes a new configuration', () => {
    expect(handsOver()).toBe('1')
  })

  test('has our sites again when it is killed', async () => {
    server.sh('systemctl kill --signal KILL caddy')

    await answers(server, site)
  })

  test('has our sites again after it has read its own configuration', async () => {
    server.sh('systemctl reload caddy')

    await answers(server, site)
  })

  test('has our sites again when the machine starts', async () => {
    await server.reboot()

    await answers(server, site)
    expect(handsOver()).toBe('1')
  })

  test('stays as it is when the server is prepared once more', async () => {
    const before = server.sh(
      'systemctl show -P MainPID,NeedDaemonReload caddy; stat -c %i /etc/systemd/system/caddy.service.d/*',
    )

    await edge.prepare(server.host)

    expect(
      server.sh('systemctl show -P MainPID,NeedDaemonReload caddy; stat -c %i /etc/systemd/system/caddy.service.d/*'),
    ).toBe(before)
  })
})
