import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { directEdge } from '../../../../server/domains/edges/direct/direct-edge.js'
import { needs } from '../../../support/parts.js'
import { node22, testNodeVersions } from '../../../support/sites.js'
import { answers, edgeSiteOn, type SystemdServer, startSystemdServer } from '../../../support/systemd-server.js'

describe.skipIf(!needs('systemd'))('the relay on a machine with systemd', () => {
  let server: SystemdServer
  const site = edgeSiteOn(10_081)
  const unit = () => server.sh('cd /etc/systemd/system && echo hostler-relay-*.service')

  beforeAll(async () => {
    server = await startSystemdServer()
    await testNodeVersions().ensure(server.host, node22)
    await directEdge.prepare(server.host)
    await directEdge.ensureSite(server.host, site)
  })
  afterAll(() => server.stop())

  test('comes back each time it is killed', async () => {
    expect(server.sh(`systemctl show -P StartLimitIntervalUSec ${unit()}`)).toBe('0')
    const before = server.sh(`systemctl show -P MainPID ${unit()}`)

    server.sh(`systemctl kill --signal KILL ${unit()}`)
    await answers(server, site)

    expect(server.sh(`systemctl show -P MainPID ${unit()}`)).not.toBe(before)
  })

  test('comes back with the machine', async () => {
    await server.reboot()

    await answers(server, site)
  })

  test('is left to nobody’s supervision by a panel that is not root', () => {
    const script = server.sh('ls /var/lib/hostler/bin/*/relay.sh')

    expect(server.sh(`setpriv --reuid nobody --clear-groups sh ${script} supervise /srv/other && echo done`)).toBe(
      'done',
    )
  })

  test('has a unit that a second "prepare" leaves as it is', async () => {
    const before = server.sh(`stat -c %i:%Y /etc/systemd/system/${unit()}`)

    await directEdge.prepare(server.host)

    expect(server.sh(`stat -c %i:%Y /etc/systemd/system/${unit()}`)).toBe(before)
  })
})
