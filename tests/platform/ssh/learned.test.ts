import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cmd } from '../../../server/platform/shell/command.js'
import type { Host } from '../../../server/platform/ssh/host.js'
import { Learned } from '../../../server/platform/ssh/learned.js'
import { LocalHost } from '../../../server/platform/ssh/local-host.js'
import { SshHost } from '../../../server/platform/ssh/ssh-host.js'
import { underLease } from '../../../server/platform/ssh/under-lease.js'
import { needs } from '../../support/parts.js'
import { type Sshd, startSshd } from '../../support/sshd.js'

describe('what was learned of a machine', () => {
  const host = new LocalHost({ name: 'web-1', root: '/srv' })

  test('is asked once, also by many at a time and under different leases, of the machine itself', async () => {
    const asked: Host[] = []
    const ask = async (machine: Host) => {
      asked.push(machine)
      return 'x86_64'
    }
    const views = [1, 2].map((number) => underLease(host, { lockFile: '/srv/lease', number }))

    const answers = await Promise.all([host, ...views].map(({ learned }) => learned.once('its platform', ask)))

    expect(answers).toEqual(['x86_64', 'x86_64', 'x86_64'])
    expect(asked).toEqual([host])
  })

  test('is no failure: the next one asks again', async () => {
    const learned = new Learned(host)
    await expect(learned.once('its name', async () => Promise.reject(new Error('away')))).rejects.toThrow('away')

    expect(await learned.once('its name', async () => 'web-1')).toBe('web-1')
  })
})

describe.skipIf(!needs('sshd', 'setsid', 'flock'))('over SSH', () => {
  let sshd: Sshd
  let host: SshHost
  beforeEach(async () => {
    sshd = await startSshd()
    host = new SshHost({ ...sshd, name: 'web-1', root: sshd.folder })
  })
  afterEach(async () => {
    await host.close()
    await sshd.stop()
  })

  test('it is forgotten with the connection', async () => {
    let asked = 0
    const ask = async (machine: Host) => {
      asked++
      return machine.capture(cmd('uname', '-m'), { timeoutMs: 30_000 })
    }
    for (const _ of [1, 2]) await host.learned.once('its machine', ask)
    expect(asked).toBe(1)

    await host.close()
    await host.learned.once('its machine', ask)

    expect(asked).toBe(2)
  })
})
