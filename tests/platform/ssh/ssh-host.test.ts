import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cmd } from '../../../server/platform/shell/command.js'
import {
  fingerprintOf,
  type HostKey,
  HostKeyChangedError,
  parseHostKey,
} from '../../../server/platform/ssh/host-key.js'
import { generateKey } from '../../../server/platform/ssh/keys.js'
import { SshConnection } from '../../../server/platform/ssh/ssh-connection.js'
import { SshHost } from '../../../server/platform/ssh/ssh-host.js'
import { sshHost } from '../../support/host-kinds.js'
import { needs } from '../../support/parts.js'
import { markerIn, startScriptedSshd } from '../../support/scripted-sshd.js'
import { freePort, type Sshd, startSshd } from '../../support/sshd.js'
import { startTcpProxy } from '../../support/tcp-proxy.js'

const quick = { timeoutMs: 30_000 }
const connectionsOf = (sshd: Sshd) => sshd.log().match(/Accepted publickey/g)?.length ?? 0

describe.skipIf(!needs('sshd', 'setsid'))('SshHost', () => {
  let sshd: Sshd
  const target = () => ({ ...sshd, name: 'web-1', root: `${sshd.folder}/root` })

  beforeAll(async () => {
    sshd = await startSshd()
  })
  afterAll(() => sshd.stop())

  describe('the host key', () => {
    test('SH-01: a changed key is refused before authentication, with both fingerprints', async () => {
      const own = await startSshd()
      const host = sshHost(own)
      await host.run(cmd('true'), quick)
      const before = parseHostKey(own.hostKey).fingerprint
      await host.close()
      await own.changeHostKey()
      const after = parseHostKey(own.hostKey).fingerprint
      const attempts = own.log().match(/(Accepted|Failed|Postponed|Authenticating)\b/g)?.length

      const error = await host.run(cmd('true'), quick).catch((caught: unknown) => caught)

      expect(error).toBeInstanceOf(HostKeyChangedError)
      expect(error).toMatchObject({ expected: before, seen: { fingerprint: after, line: own.hostKey } })
      expect(String(error)).toContain(before)
      expect(String(error)).toContain(after)
      expect(own.log().match(/(Accepted|Failed|Postponed|Authenticating)\b/g)?.length).toBe(attempts)
      await host.close()
      await own.stop()
    })

    test('SH-01: a machine whose key nobody knows is refused', async () => {
      const host = new SshHost({ ...target(), hostKey: undefined })
      const before = connectionsOf(sshd)

      await expect(host.run(cmd('true'), quick)).rejects.toThrow('not known yet')

      expect(connectionsOf(sshd)).toBe(before)
    })

    test('on first contact the key is handed over before the sign-in, then pinned', async () => {
      const seen: HostKey[] = []
      const onFirstKey = async (key: HostKey) => {
        seen.push(key)
      }
      const host = new SshHost({ ...target(), hostKey: undefined }, { onFirstKey })

      await host.run(cmd('true'), quick)
      await host.close()
      await host.run(cmd('true'), quick)
      await host.close()

      const [, base64 = ''] = sshd.hostKey.split(' ')
      expect(seen).toEqual([{ line: sshd.hostKey, fingerprint: fingerprintOf(Buffer.from(base64, 'base64')) }])
    })

    test('a key that cannot be stored is a machine that is not spoken to', async () => {
      const onFirstKey = () => {
        throw new Error('the database is gone')
      }
      const host = new SshHost({ ...target(), hostKey: undefined }, { onFirstKey })

      await expect(host.run(cmd('true'), quick)).rejects.toThrow('the database is gone')
    })

    test('a stored key that is none is refused', () => {
      expect(() => parseHostKey('ssh-ed25519')).toThrow('not a host key')
      expect(() => parseHostKey(`ssh-rsa ${sshd.hostKey.split(' ')[1]}`)).toThrow('not a host key')
      expect(parseHostKey(`${sshd.hostKey} root@web-1\n`).line).toBe(sshd.hostKey)
    })
  })

  describe('the sign-in', () => {
    test('many commands share one connection', async () => {
      const before = connectionsOf(sshd)
      const host = sshHost(sshd)

      await Promise.all(Array.from({ length: 12 }, () => host.run(cmd('true'), quick)))

      expect(connectionsOf(sshd)).toBe(before + 1)
      await host.close()
    })

    test('a key that is not accepted is said with the user and the way out', async () => {
      const host = new SshHost({ ...target(), privateKey: generateKey('other').privateKey })

      await expect(host.run(cmd('true'), quick)).rejects.toMatchObject({
        status: 502,
        message: `web-1 did not accept the key for the user ${sshd.user}`,
        hint: expect.stringContaining('authorized_keys'),
      })
    })

    test('a closed port is said with the address', async () => {
      const port = await freePort()
      const host = new SshHost({ ...target(), port })

      await expect(host.run(cmd('true'), quick)).rejects.toThrow(
        `Could not reach web-1 (127.0.0.1) on port ${port}: the connection was refused`,
      )
    })

    test('an address that does not exist is said', async () => {
      const host = new SshHost({ ...target(), address: 'web-1.invalid' })

      await expect(host.run(cmd('true'), quick)).rejects.toThrow('web-1.invalid')
    })

    test('after a failure the next use tries again', async () => {
      let isStored = false
      const onFirstKey = () => {
        if (!isStored) throw new Error('not yet')
      }
      const host = new SshHost({ ...target(), hostKey: undefined }, { onFirstKey })
      await expect(host.run(cmd('true'), quick)).rejects.toThrow('not yet')
      isStored = true

      await host.run(cmd('true'), quick)

      await host.close()
    })

    test('an aborted signal does not wait for the connection', async () => {
      const proxy = await startTcpProxy(await freePort())
      const host = new SshHost({ ...target(), port: proxy.port })

      await expect(host.run(cmd('true'), { ...quick, signal: AbortSignal.timeout(1) })).rejects.toThrow('timeout')

      await host.close()
      await proxy.stop()
    })
  })

  describe('the connection', () => {
    test('is opened anew after it was lost', async () => {
      const proxy = await startTcpProxy(sshd.port)
      const host = new SshHost({ ...target(), port: proxy.port })
      await host.run(cmd('true'), quick)
      const running = host.run(cmd('sleep', 30), quick)
      const lost = expect(running).rejects.toThrow('The connection to web-1 was lost')
      // A second command on the same connection has answered: the first one runs.
      await host.run(cmd('true'), quick)

      proxy.cut()
      await lost

      expect(await host.capture(cmd('echo', 'back'), quick)).toBe('back\n')
      await host.close()
      await proxy.stop()
    })

    test('R14: a link that swallows everything is noticed by the keepalive', async () => {
      const proxy = await startTcpProxy(sshd.port)
      const host = new SshHost({ ...target(), port: proxy.port }, { keepaliveMs: 200 })
      await host.run(cmd('true'), quick)
      const running = host.run(cmd('sleep', 30), quick)
      const lost = expect(running).rejects.toThrow('The connection to web-1 was lost')
      await host.run(cmd('true'), quick)

      proxy.blackHole()

      await lost
      await host.close()
      await proxy.stop()
    })

    test('is closed when idle, and opened again by the next use', async () => {
      const own = await startSshd()
      const host = sshHost(own, { idleMs: 800 })
      await host.run(cmd('true'), quick)
      while (!own.log().includes('Disconnected from user')) await new Promise((resolve) => setTimeout(resolve, 20))

      await host.run(cmd('true'), quick)

      // What sshd says comes by a pipe of its own.
      await expect.poll(() => connectionsOf(own)).toBe(2)
      await host.close()
      await own.stop()
    })

    test('takes nothing new from the moment on at which it says goodbye', async () => {
      const connection = await SshConnection.open({
        ...{ ...sshd, name: 'web-1' },
        ...{ pinned: undefined, onFirstKey: () => {}, keepaliveMs: 10_000, readyMs: 20_000 },
      })
      expect(connection.isOpen).toBe(true)
      const closed = connection.close()
      expect(connection.isOpen).toBe(false)
      await closed
    })

    test('fewer sessions than usual are waited for, and cancel still comes through', async () => {
      const own = await startSshd(['MaxSessions 2'])
      const host = sshHost(own)
      const abort = new AbortController()
      await host.run(cmd('true'), quick)
      const running = [1, 2].map(() => host.run(cmd('sleep', 30), { ...quick, signal: abort.signal }).catch(String))
      const waiting = [1, 2, 3].map((index) => host.capture(cmd('echo', index), quick))

      abort.abort(new Error('stop'))

      expect(await Promise.all(running)).toEqual(['Error: stop', 'Error: stop'])
      expect(await Promise.all(waiting)).toEqual(['1\n', '2\n', '3\n'])
      await host.close()
      await own.stop()
    })
  })

  test('for a user who is not root everything goes through sudo', async () => {
    const lines: string[] = []
    const key = generateKey('scripted')
    const server = await startScriptedSshd(key.privateKey, (stream, line) => {
      lines.push(line)
      stream.write(`${markerIn(line)} 4000000 1\n`)
      stream.exit(0)
      stream.end()
    })
    const { port } = server
    const host = new SshHost({ ...target(), user: 'deploy', port, privateKey: key.privateKey, hostKey: key.publicLine })

    await host.run(cmd('true'), quick)
    await host.upload('/srv/a', 'x', 0o600)

    expect(lines.map((line) => line.split(' ').slice(0, 6).join(' '))).toEqual(
      Array(3).fill('exec sudo -n -- setsid -w'),
    )
    await host.close()
    server.stop()
  })
})
