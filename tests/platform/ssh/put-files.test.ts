import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Secret } from '../../../server/platform/secret.js'
import { cmd } from '../../../server/platform/shell/command.js'
import type { Host } from '../../../server/platform/ssh/host.js'
import { putFiles } from '../../../server/platform/ssh/put-files.js'
import { RemoteCommandError, StaleLeaseError } from '../../../server/platform/ssh/remote-command-error.js'
import { underLease } from '../../../server/platform/ssh/under-lease.js'
import { hostKinds } from '../../support/host-kinds.js'
import { needs } from '../../support/parts.js'

const quick = { timeoutMs: 30_000 }
const script = readFileSync(path.resolve('server/platform/ssh/scripts/put-files.sh'), 'utf8')

describe.skipIf(!needs('sshd', 'setsid', 'flock')).each(hostKinds)('files put by %s', (_, start) => {
  let host: Host
  let stop: () => Promise<void>
  let folder: string
  let number = 0

  beforeAll(async () => {
    ;({ host, stop } = await start())
  })
  afterAll(() => stop())

  const newFolder = () => {
    folder = `${host.root}/jobs/it's ${++number}`
    return folder
  }
  const read = (name: string) => readFileSync(`${folder}/${name}`, 'utf8')
  const modeOf = (name: string) => statSync(`${folder}/${name}`).mode & 0o7777

  test('each has its own bytes and its own mode, and the folder is made', async () => {
    await putFiles(
      host,
      newFolder(),
      [
        { name: 'plan', content: 'A=1\n', mode: 0o644 },
        { name: 'empty', content: '', mode: 0o640 },
        { name: 'env.sh', content: new Secret("export KEY='é'\n"), mode: 0o600 },
        { name: 'start', content: '#!/bin/sh', mode: 0o755 },
      ],
      quick,
    )

    expect(readdirSync(folder).sort()).toEqual(['empty', 'env.sh', 'plan', 'start'])
    expect([read('plan'), read('empty'), read('env.sh'), read('start')]).toEqual([
      'A=1\n',
      '',
      "export KEY='é'\n",
      '#!/bin/sh',
    ])
    expect(['plan', 'empty', 'env.sh', 'start'].map(modeOf)).toEqual([0o644, 0o640, 0o600, 0o755])
  })

  test.each(['-rf', '--', 'a b', '$(id)', "it's", '`id`', 'new\nline', '*', '\\', '.hidden', 'é\u2028'])(
    'a file may be named %j',
    async (name) => {
      await putFiles(host, newFolder(), [{ name, content: 'one', mode: 0o600 }], quick)

      expect(readdirSync(folder)).toEqual([name])
      expect(read(name)).toBe('one')
    },
  )

  test('every byte of a content comes through, also what a shell or a terminal would take for its own', async () => {
    const everyByte = Array.from({ length: 256 }, (_unused, code) => String.fromCharCode(code)).join('')
    const hostile = ['\0', `a\0b${everyByte}`, '$(id)`id`"\'\\\r\n\n', ' \t ', '-n', 'put-files 600 3']
    const files = hostile.map((content, index) => ({ name: `file-${index}`, content, mode: 0o600 }))

    await putFiles(host, newFolder(), files, quick)

    expect(files.map(({ name }) => read(name))).toEqual(hostile)
  })

  test('files larger than a pipe do not run into each other', async () => {
    const files = ['a', 'b', 'c'].map((name) => ({ name, content: name.repeat(3_000_001), mode: 0o600 }))

    await putFiles(host, newFolder(), files, quick)

    expect(files.every(({ name, content }) => read(name) === content)).toBe(true)
  })

  test('a file is replaced whole, and a link under its name is replaced, not followed', async () => {
    const victim = `${host.root}/victim-${number}`
    writeFileSync(victim, 'untouched')
    mkdirSync(newFolder(), { recursive: true })
    symlinkSync(victim, `${folder}/plan`)
    writeFileSync(`${folder}/env.sh`, 'a longer text than the new one', { mode: 0o644 })

    await putFiles(
      host,
      folder,
      [
        { name: 'plan', content: 'new', mode: 0o644 },
        { name: 'env.sh', content: 'short', mode: 0o600 },
      ],
      quick,
    )

    expect(readFileSync(victim, 'utf8')).toBe('untouched')
    expect(() => readlinkSync(`${folder}/plan`)).toThrow('EINVAL')
    expect([read('plan'), read('env.sh'), modeOf('env.sh')]).toEqual(['new', 'short', 0o600])
  })

  test('where one cannot be written, those before it are whole, those after it as they were, and nothing is left', async () => {
    mkdirSync(`${newFolder()}/second`, { recursive: true })
    writeFileSync(`${folder}/third`, 'old')
    const names = ['first', 'second', 'third']

    const putting = putFiles(
      host,
      folder,
      names.map((name) => ({ name, content: 'new', mode: 0o600 })),
      { ...quick, next: [cmd('touch', `${host.root}/next-was-run`)] },
    )

    await expect(putting).rejects.toBeInstanceOf(RemoteCommandError)
    expect([read('first'), read('third')]).toEqual(['new', 'old'])
    expect(readdirSync(folder).sort()).toEqual(names)
    expect(readdirSync(host.root)).not.toContain('next-was-run')
  })

  test('what comes next finds them all', async () => {
    const folders = newFolder()
    const copy = cmd('cp', '--', `${folders}/a`, `${folders}/b`)

    await putFiles(host, folders, [{ name: 'a', content: 'one', mode: 0o600 }], { ...quick, next: [copy] })

    expect(read('b')).toBe('one')
  })

  test('no secret is in what a failure tells', async () => {
    const file = { name: 'env.sh', content: new Secret('canary-of-put-files'), mode: 0o600 }
    writeFileSync(`${host.root}/no-folder`, '')

    const failure: unknown = await putFiles(host, `${host.root}/no-folder`, [file], quick).catch((error) => error)

    expect(failure).toBeInstanceOf(RemoteCommandError)
    expect(JSON.stringify(failure)).not.toContain('canary-of-put-files')
  })

  test('nothing is written for a worker that lost its lease, nor after a cancel', async () => {
    const [early, late] = [1, 2].map((lease) => underLease(host, { lockFile: `${host.root}/lease`, number: lease }))
    await late?.run(cmd('true'), quick)
    const file = { name: 'plan', content: 'late', mode: 0o600 }

    await expect(putFiles(early ?? host, newFolder(), [file], quick)).rejects.toBeInstanceOf(StaleLeaseError)
    const cancelled = { ...quick, signal: AbortSignal.abort(new Error('cancelled by Ada')) }
    await expect(putFiles(host, folder, [file], cancelled)).rejects.toThrow('cancelled by Ada')

    expect(() => readdirSync(folder)).toThrow('ENOENT')
  })

  test('a link that was cut shows in the size: half a file is none', () => {
    mkdirSync(newFolder(), { recursive: true })
    const words = ['put-files', folder, 'first', '600', '5', 'second', '600', '5']

    const { status, stderr } = spawnSync('sh', ['-c', script, ...words], { input: '12345678', encoding: 'utf8' })

    expect(status).toBe(1)
    expect(stderr).toBe('hostler: second did not arrive whole\n')
    expect(readdirSync(folder)).toEqual(['first'])
  })

  test('a link planted under the name of the file beside it is not followed', () => {
    const victim = `${host.root}/victim-of-part`
    writeFileSync(victim, 'untouched')
    mkdirSync(newFolder(), { recursive: true })
    // In the one moment that is left: after our own removal. The shell's id is known only to itself.
    const planted = script.replace(/^rm -f .*$/m, `ln -s '${victim}' "$part"`)
    expect(planted).not.toBe(script)

    const { status } = spawnSync('sh', ['-c', planted, 'put-files', folder, 'plan', '600', '3'], { input: 'new' })

    expect(status).not.toBe(0)
    expect(readFileSync(victim, 'utf8')).toBe('untouched')
  })
})
