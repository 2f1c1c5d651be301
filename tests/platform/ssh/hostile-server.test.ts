import { createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { Secret } from '../../../server/platform/secret.js'
import { cmd } from '../../../server/platform/shell/command.js'
import { generateKey } from '../../../server/platform/ssh/keys.js'
import { OutputTooLargeError, RemoteCommandError } from '../../../server/platform/ssh/remote-command-error.js'
import { SshHost } from '../../../server/platform/ssh/ssh-host.js'
import { listening, markerIn, type Play, startScriptedSshd } from '../../support/scripted-sshd.js'

const key = generateKey('hostile')
const quick = { timeoutMs: 3000 }
const stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

async function hostileHost(play: Play): Promise<SshHost> {
  const server = await startScriptedSshd(key.privateKey, play)
  stops.push(server.stop)
  return hostAt(server.port)
}

async function rawHost(play: (socket: Socket) => void): Promise<SshHost> {
  const server = await listening(createServer((socket) => play(socket.on('error', () => {}))))
  stops.push(server.stop)
  return hostAt(server.port)
}

function hostAt(port: number): SshHost {
  const host = new SshHost(
    {
      name: 'web-1',
      root: '/srv',
      address: '127.0.0.1',
      port,
      user: 'root',
      privateKey: key.privateKey,
      hostKey: key.publicLine,
    },
    { readyMs: 1000 },
  )
  stops.push(() => void host.close())
  return host
}

describe('CI-11 SH-07: a hostile machine', () => {
  test('that never says how a command ended fails cleanly', async () => {
    const host = await hostileHost((stream, line) => {
      stream.write(`${markerIn(line)} 999999999 1\n`)
      stream.close()
    })

    const error = await host.run(cmd('uname'), quick).catch((caught: unknown) => caught)

    expect(error).toBeInstanceOf(RemoteCommandError)
    expect(error).toMatchObject({ exitCode: null, signal: null })
  })

  test('that says all went well without having started anything fails', async () => {
    const host = await hostileHost((stream) => {
      stream.exit(0)
      stream.close()
    })

    await expect(host.status(cmd('true'), quick)).rejects.toBeInstanceOf(RemoteCommandError)
  })

  test('that prints without end, and before the announcement, is cut off by the clock in little memory', async () => {
    const before = process.memoryUsage().rss
    const host = await hostileHost((stream) => {
      const flood = () => {
        while (stream.writable && stream.write(Buffer.alloc(32_768, 'x')));
        stream.once('drain', flood)
      }
      flood()
    })

    await expect(host.capture(cmd('df'), { timeoutMs: 1500 })).rejects.toThrow('did not finish')

    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024)
  })

  test('that answers too much is cut off', async () => {
    const host = await hostileHost((stream, line) => {
      if (markerIn(line)) stream.write(`${markerIn(line)} 999999999 1\n${'x'.repeat(100_000)}`)
      else stream.close()
    })

    await expect(host.capture(cmd('git', 'log'), { ...quick, maxBytes: 50_000 })).rejects.toBeInstanceOf(
      OutputTooLargeError,
    )
  })

  test('whose answer looks like shell, escapes or JSON gives text', async () => {
    const answer = '$(touch /tmp/owned)\x1b]0;x\x07{"a":'
    const host = await hostileHost((stream, line) => {
      stream.write(`Welcome\n${markerIn(line)} 999999999 1\n${answer}`)
      stream.exit(0)
      stream.end()
    })

    expect(await host.capture(cmd('uname'), quick)).toBe(answer)
  })

  test('that names another group cannot make us end more than it could itself', async () => {
    const lines: string[] = []
    const host = await hostileHost((stream, line) => {
      lines.push(line)
      if (markerIn(line)) stream.write(`${markerIn(line)} 1;reboot 1\n`)
      else stream.end()
    })

    await expect(host.run(cmd('true'), { timeoutMs: 300 })).rejects.toThrow('did not finish')

    expect(lines).toHaveLength(1)
  })

  test('with a banner that never ends is given up', async () => {
    const host = await rawHost((socket) => {
      const flood = () => {
        while (socket.writable && socket.write('x'.repeat(8000).concat('\r\n')));
        socket.once('drain', flood)
      }
      flood()
    })

    await expect(host.run(cmd('true'), quick)).rejects.toMatchObject({ status: 502 })
  })

  test('that is no SSH at all is said to be so', async () => {
    const host = await rawHost((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))

    await expect(host.run(cmd('true'), quick)).rejects.toThrow('web-1 (127.0.0.1) on port')
  })

  test('that accepts and stays silent is given up', async () => {
    const host = await rawHost(() => {})

    await expect(host.run(cmd('true'), quick)).rejects.toThrow('no answer in time')
  })

  test('never sees a secret in the command line', async () => {
    const lines: string[] = []
    const host = await hostileHost((stream, line) => {
      lines.push(line)
      stream.write(`${markerIn(line)} 999999999 1\n`)
      stream.exit(0)
      stream.end()
    })

    await host.run(cmd('cat'), { ...quick, stdin: new Secret('canary') })
    await host.upload('/srv/.env', new Secret('canary'), 0o600)

    expect(lines.join()).not.toContain('canary')
  })
})
