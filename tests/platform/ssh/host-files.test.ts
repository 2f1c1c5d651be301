import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Secret } from '../../../server/platform/secret.js'
import { cmd } from '../../../server/platform/shell/command.js'
import type { Host } from '../../../server/platform/ssh/host.js'
import { RemoteCommandError } from '../../../server/platform/ssh/remote-command-error.js'
import { hostKinds } from '../../support/host-kinds.js'
import { needs } from '../../support/parts.js'

const quick = { timeoutMs: 30_000 }

describe.skipIf(!needs('sshd', 'setsid')).each(hostKinds)('%s', (_, start) => {
  let host: Host
  let stop: () => Promise<void>
  let file: (name: string) => string

  beforeAll(async () => {
    ;({ host, stop } = await start())
    file = (name) => `${host.root}/${name}`
  })
  afterAll(() => stop())

  describe('stdin', () => {
    test.each([
      ['a string', 'é\n'],
      ['a buffer', Buffer.from('é\n')],
      ['a secret', new Secret('é\n')],
      ['a stream', Readable.from([Buffer.from('é'), Buffer.from('\n')])],
    ])('takes %s', async (_, stdin) => {
      expect(await host.capture(cmd('cat'), { ...quick, stdin })).toBe('é\n')
    })

    test('is at its end when there is none', async () => {
      expect(await host.capture(cmd('cat'), quick)).toBe('')
    })

    test('takes more than a command line holds', async () => {
      const stdin = Buffer.alloc(5_000_000, 'x')

      expect(await host.capture(cmd('wc', '-c'), { ...quick, stdin })).toBe('5000000\n')
    })

    test('a command that does not read it is no failure', async () => {
      await host.run(cmd('true'), { ...quick, stdin: Buffer.alloc(2_000_000) })
    })

    test('LG-03: a secret is in no command line and in no environment', async () => {
      const seen = cmd(
        'sh',
        '-c',
        'read -r secret; cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr "\\0" "\\n"',
      )

      expect(
        await host.capture(seen, { ...quick, stdin: new Secret('canary-of-stdin\n'), maxBytes: 50_000_000 }),
      ).not.toContain('canary-of-stdin')
    })
  })

  describe('upload', () => {
    test('writes the file whole with its mode and leaves nothing beside it', async () => {
      mkdirSync(file('etc'))
      await host.upload(file('etc/a b'), new Secret('key'), 0o600)
      await host.upload(file('etc/a b'), 'other', 0o750)

      expect(readFileSync(file('etc/a b'), 'utf8')).toBe('other')
      expect(statSync(file('etc/a b')).mode & 0o7777).toBe(0o750)
      expect(readdirSync(file('etc'))).toEqual(['a b'])
    })

    test('has its mode from the first byte', async () => {
      mkdirSync(file('slow'))
      const modes: number[] = []
      const content = Readable.from(
        (async function* () {
          yield Buffer.from('first')
          while (readdirSync(file('slow')).length === 0) await new Promise(setImmediate)
          for (const name of readdirSync(file('slow'))) modes.push(statSync(file(`slow/${name}`)).mode & 0o777)
          yield Buffer.from('second')
        })(),
      )

      await host.upload(file('slow/secret'), content, 0o600)

      expect(modes).toEqual([0o600])
      expect(readFileSync(file('slow/secret'), 'utf8')).toBe('firstsecond')
    })

    test('keeps the old file when the content breaks off', async () => {
      mkdirSync(file('broken'))
      await host.upload(file('broken/a'), 'old', 0o600)
      const content = Readable.from(
        (async function* () {
          yield Buffer.from('half')
          throw new Error('the source is gone')
        })(),
      )

      await expect(host.upload(file('broken/a'), content, 0o600)).rejects.toThrow('the source is gone')

      expect(readFileSync(file('broken/a'), 'utf8')).toBe('old')
      expect(readdirSync(file('broken'))).toEqual(['a'])
    })

    test('CI-12: names that a shell or a program could misread are names', async () => {
      mkdirSync(file('names'))
      const names = ["a';id;'", '-rf', '$(id)', 'a\nb', '*']

      for (const name of names) await host.upload(file(`names/${name}`), name, 0o600)

      expect(readdirSync(file('names')).toSorted()).toEqual(names.toSorted())
    })

    test('does not move a file into a folder of its name', async () => {
      mkdirSync(file('folder'))

      await expect(host.upload(file('folder'), 'x', 0o600)).rejects.toBeInstanceOf(RemoteCommandError)

      expect(readdirSync(file('folder'))).toEqual([])
    })
  })

  describe('forward', () => {
    const echo = (listen: (server: Server) => void) =>
      new Promise<Server>((resolve) => {
        const server = createServer((socket) => socket.pipe(socket))
        server.once('listening', () => resolve(server))
        listen(server)
      })

    const answer = async (to: { port: number } | { socket: string }) => {
      const stream = await host.forward(to)
      stream.end('hello')
      const chunks: Buffer[] = []
      for await (const chunk of stream) chunks.push(chunk)
      return Buffer.concat(chunks).toString()
    }

    test('reaches a port of the machine', async () => {
      const server = await echo((one) => one.listen(0, '127.0.0.1'))
      const address = server.address()
      const port = typeof address === 'object' && address ? address.port : 0

      expect(await answer({ port })).toBe('hello')
      server.close()
    })

    test('reaches a socket of the machine', async () => {
      const server = await echo((one) => one.listen(file('socket')))

      expect(await answer({ socket: file('socket') })).toBe('hello')
      server.close()
    })

    test('says when nothing listens there', async () => {
      await expect(host.forward({ socket: file('no-socket') })).rejects.toThrow()
    })
  })
})
