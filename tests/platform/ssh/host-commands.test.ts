import { statSync } from 'node:fs'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { all, cmd, either, into, pipe } from '../../../server/platform/shell/command.js'
import { toShell } from '../../../server/platform/shell/render.js'
import type { Host } from '../../../server/platform/ssh/host.js'
import { OutputTooLargeError, RemoteCommandError } from '../../../server/platform/ssh/remote-command-error.js'
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

    test('the bash of a pipe is not on the first level, where it would read ~/.bashrc', async () => {
      const level = await host.capture(pipe(cmd('printenv', 'SHLVL'), cmd('cat')), quick)

      expect(Number(level)).toBeGreaterThan(1)
    })

    test("CI-13: nothing of the panel's own environment reaches a command", async () => {
      process.env.HOSTLER_CANARY = 'canary-value'

      expect(await host.capture(cmd('env'), quick)).not.toContain('canary-value')
      delete process.env.HOSTLER_CANARY
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
})
