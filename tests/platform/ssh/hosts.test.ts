import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cmd } from '../../../server/platform/shell/command.js'
import { createHosts, type HostTarget } from '../../../server/platform/ssh/hosts.js'
import { generateKey } from '../../../server/platform/ssh/keys.js'
import { LocalHost } from '../../../server/platform/ssh/local-host.js'
import { needs } from '../../support/parts.js'
import { type Sshd, startSshd } from '../../support/sshd.js'

const quick = { timeoutMs: 30_000 }

describe.skipIf(!needs('sshd', 'setsid'))('createHosts', () => {
  let sshd: Sshd
  let target: HostTarget & { kind: 'ssh' }

  beforeAll(async () => {
    sshd = await startSshd()
    target = { ...sshd, hostKey: sshd.hostKey, kind: 'ssh', name: 'web-1', root: sshd.folder }
  })
  afterAll(() => sshd.stop())

  test('gives the same door to a server as long as it stays the same', async () => {
    const hosts = createHosts(async () => ({ ...target }))

    expect(await hosts.get('a')).toBe(await hosts.get('a'))
    expect(await hosts.get('b')).not.toBe(await hosts.get('a'))
    await hosts.close()
  })

  test.each<[string, Partial<typeof target>]>([
    ['address', { address: 'localhost' }],
    ['port', { port: 1 }],
    ['user', { user: 'deploy' }],
    ['key', { privateKey: generateKey('new').privateKey }],
    ['host key', { hostKey: generateKey('new').publicLine }],
    ['name', { name: 'web-2' }],
  ])('gives a new one when the %s changes', async (_, change) => {
    let now: HostTarget = target
    const hosts = createHosts(async () => now)
    const before = await hosts.get('a')

    now = { ...target, ...change }

    expect(await hosts.get('a')).not.toBe(before)
    await hosts.close()
  })

  test('a command that runs through the old door may end there', async () => {
    let now: HostTarget = target
    const hosts = createHosts(async () => now)
    const host = await hosts.get('a')
    const lines: string[] = []
    let running: Promise<void> = Promise.resolve()
    await new Promise<void>((resolve) => {
      const onLine = (line: string) => {
        lines.push(line)
        resolve()
      }
      running = host.run(cmd('sh', '-c', 'echo started; sleep 1; echo ended'), { ...quick, onLine })
    })

    now = { ...target, name: 'web-2' }
    await hosts.get('a')
    await running

    expect(lines).toEqual(['started', 'ended'])
    await hosts.close()
  })

  test('a key that was stored on first contact is no change', async () => {
    const stored = new Map<string, string>()
    const open = async () => ({ ...target, hostKey: stored.get('a') })
    const hosts = createHosts(open, { onFirstKey: (serverId, key) => void stored.set(serverId, key.line) })
    const host = await hosts.get('a')

    await host.run(cmd('true'), quick)

    expect(stored.get('a')).toBe(sshd.hostKey)
    expect(await hosts.get('a')).toBe(host)
    await hosts.close()
  })

  test('this machine is a server too', async () => {
    const hosts = createHosts(async () => ({ kind: 'local', name: 'here', root: '/srv' }))

    expect(await hosts.get('a')).toBeInstanceOf(LocalHost)
    expect(await hosts.get('a')).toBe(await hosts.get('a'))
    await hosts.close()
  })

  test('a server that is not there is a 404', async () => {
    const hosts = createHosts(async () => null)

    await expect(hosts.get('a')).rejects.toMatchObject({ status: 404 })
  })
})
