import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { Readable } from 'node:stream'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Secret } from '../../../server/platform/secret.js'
import { all, cmd, either, into, pipe } from '../../../server/platform/shell/command.js'
import { toShell } from '../../../server/platform/shell/render.js'
import type { Host } from '../../../server/platform/ssh/host.js'
import { LocalHost } from '../../../server/platform/ssh/local-host.js'
import { OutputTooLargeError, RemoteCommandError } from '../../../server/platform/ssh/remote-command-error.js'
import { needs } from '../../support/parts.js'
import { sshHost } from '../../support/ssh-hosts.js'
import { type Sshd, startSshd } from '../../support/sshd.js'

const quick = { timeoutMs: 10_000 }

const kinds: [string, () => Promise<{ host: Host; stop: () => Promise<void> }>][] = [
  [
    'LocalHost',
    async () => {
      const root = mkdtempSync(`${tmpdir()}/hostler-local-`)
      return { host: new LocalHost({ name: 'here', root }), stop: async () => rmSync(root, { recursive: true }) }
    },
  ],
  [
    'SshHost',
    async () => {
      const sshd: Sshd = await startSshd()
      const host = sshHost(sshd)
      mkdirSync(host.root)
      return {
        host,
        stop: async () => {
          await host.close()
          await sshd.stop()
        },
      }
    },
  ],
]

describe.skipIf(!needs('sshd', 'setsid', 'flock')).each(kinds)('%s', (_, start) => {
  let host: Host
  let stop: () => Promise<void>
  let file: (name: string) => string

  beforeAll(async () => {
    ;({ host, stop } = await start())
    file = (name) => `${host.root}/${name}`
  })
  afterAll(() => stop())

  describe('run, capture, status', () => {
    test('capture gives stdout as it is', async () => {
      expect(await host.capture(cmd('printf', '%s', ' a\n\x1b[1mé\r\n'), quick)).toBe(' a\n\x1b[1mé\r\n')
    })

    test('CI-10: any text arrives byte for byte', async () => {
      const word = fc.string({ unit: 'binary', maxLength: 40 }).filter((text) => !text.includes('\0'))

      await fc.assert(
        fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 8 }), async (words) => {
          const read = await host.capture(cmd('printf', '%s\\0', ...words), quick)
          expect(read).toBe(words.map((text) => `${text}\0`).join(''))
        }),
        { numRuns: 40 },
      )
    })

    test.each([
      ';id',
      '$(id)',
      '`id`',
      "'",
      '"',
      '\\',
      '*',
      '~',
      '!x',
      '$HOME',
      '-rf',
      '--',
      '#',
      '{a,b}',
      'a\r\nb',
      '\u2028',
    ])('CI-01 CI-03: %j stays data through two more shells', async (text) => {
      const inner = cmd('printf', '%s', text)
      const nested = cmd('sh', '-c', toShell(cmd('sh', '-c', toShell(pipe(inner, cmd('cat'))))))

      expect(await host.capture(nested, quick)).toBe(text)
    })

    test('CI-10: a NUL byte is refused before anything starts', async () => {
      await expect(host.run(cmd('echo', 'a\0b'), quick)).rejects.toMatchObject({ status: 422 })
    })

    test('CI-01: a text too long for a command line is refused with a sentence', async () => {
      await expect(host.run(cmd('echo', 'x'.repeat(200_000)), quick)).rejects.toThrow('too long')
    })

    test('status gives the exit code, run and capture throw for it', async () => {
      const fail = cmd('sh', '-c', 'echo out; echo bad >&2; exit 3')

      expect(await host.status(fail, quick)).toBe(3)
      await expect(host.run(fail, quick)).rejects.toMatchObject({ exitCode: 3, signal: null, host: host.name })
      await expect(host.capture(fail, quick)).rejects.toBeInstanceOf(RemoteCommandError)
    })

    test('a failure carries its last lines as plain text', async () => {
      const fail = cmd(
        'sh',
        '-c',
        'for i in $(seq 30); do echo "line $i"; done; printf "\\033[31mbad\\033[0m\\n" >&2; exit 1',
      )

      const error = await host.run(fail, quick).catch((caught: RemoteCommandError) => caught)

      expect(error).toMatchObject({
        display: expect.stringContaining('sh -c'),
        lastLines: expect.arrayContaining(['line 30', 'bad']),
      })
      expect(error?.lastLines).toHaveLength(20)
    })

    test('a part that is killed is told from one that fails', async () => {
      expect(await host.status(cmd('sh', '-c', 'kill -9 $$'), quick)).toBe(137)
    })

    test('joins, pipes and files work as they do in a shell', async () => {
      await host.run(into(all(cmd('echo', 'b'), cmd('echo', 'a')), file('list')), quick)
      await host.run(into(cmd('echo', 'c'), file('list'), true), quick)

      expect(await host.capture(pipe(cmd('cat', file('list')), cmd('sort')), quick)).toBe('a\nb\nc\n')
      expect(await host.capture(either(cmd('false'), cmd('echo', 'x')), quick)).toBe('x\n')
      expect(await host.status(pipe(cmd('cat', file('none')), cmd('cat')), quick)).toBe(1)
    })

    test('gives the lines of both streams as they come, without sequences', async () => {
      const lines: string[] = []

      await host.run(cmd('sh', '-c', 'printf "\\033[1ma\\nb"; echo c >&2'), {
        ...quick,
        onLine: (line, stream) => lines.push(`${stream} ${line}`),
      })

      expect(lines.toSorted()).toEqual(['stderr c', 'stdout a', 'stdout b'])
    })

    test('an onLine that throws ends the command', async () => {
      const onLine = () => {
        throw new Error('the log is full')
      }

      await expect(host.run(cmd('sh', '-c', 'echo a; sleep 30'), { ...quick, onLine })).rejects.toThrow(
        'the log is full',
      )
    })

    test('speaks English whatever the language of the server is', async () => {
      expect(await host.capture(cmd('sh', '-c', 'echo "$LC_ALL"'), quick)).toBe('C.UTF-8\n')
    })

    test("CI-13: nothing of the panel's own environment reaches a command", async () => {
      process.env.HOSTLER_CANARY = 'canary-value'

      expect(await host.capture(cmd('env'), quick)).not.toContain('canary-value')
    })

    test('many commands at once wait for each other', async () => {
      const answers = await Promise.all(
        Array.from({ length: 25 }, (_, index) => host.capture(cmd('echo', index), quick)),
      )

      expect(answers).toEqual(Array.from({ length: 25 }, (_, index) => `${index}\n`))
    })

    test('a process left in the background does not hold the command', async () => {
      const begun = performance.now()

      await host.run(cmd('sh', '-c', 'sleep 8 & echo started'), quick)

      expect(performance.now() - begun).toBeLessThan(5000)
      await host.status(cmd('pkill', '-fx', 'sleep 8'), quick)
    })
  })

  describe('limits', () => {
    test('CI-11: capture throws past its limit and ends the command', async () => {
      await expect(host.capture(cmd('yes'), { ...quick, maxBytes: 10_000 })).rejects.toBeInstanceOf(OutputTooLargeError)
    })

    test('CI-11: run keeps what fits, says so, and lets the command finish', async () => {
      const lines: string[] = []
      const command = cmd('sh', '-c', `head -c 3000000 /dev/zero | tr "\\0" "\\n"; touch ${file('finished')}`)

      await host.run(command, { ...quick, maxBytes: 1000, onLine: (line) => lines.push(line) })

      expect(lines.at(-1)).toContain('too much output')
      expect(statSync(file('finished')).isFile()).toBe(true)
    })

    test('CI-11: an endless line without a newline is held to its limit', async () => {
      const lines: string[] = []

      await host.run(cmd('sh', '-c', 'head -c 20000000 /dev/zero | tr "\\0" x'), {
        ...quick,
        onLine: (line) => lines.push(line),
      })

      expect(lines.map((line) => line.length)).toEqual([16 * 1024 + 13])
    })
  })

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

  test('writeFileSync and the host see the same machine', async () => {
    writeFileSync(file('seen'), 'x')

    expect(await host.status(cmd('test', '-f', file('seen')), quick)).toBe(0)
    expect(execFileSync('uname', { encoding: 'utf8' })).toBe(await host.capture(cmd('uname'), quick))
  })
})
