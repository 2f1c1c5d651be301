import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { cmd } from '../../../server/platform/shell/command.js'
import { endLine, isHeldUp, startLine } from '../../../server/platform/ssh/process-group.js'
import { needs } from '../../support/parts.js'

const scripts = path.resolve('server/platform/ssh/scripts')

/** The words that a shell makes of a line, without the texts of our own scripts. */
const wordsOf = (line: string) =>
  execFileSync('sh', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' })
    .split('\0')
    .filter((word) => word !== '' && !word.includes('\n'))

test('a command starts in a session of its own', () => {
  const line = startLine(cmd('echo', "it's"), { marker: 'm', groupFile: '/srv/a', asRoot: [] })

  expect(wordsOf(line)).toEqual(['exec', 'setsid', '-w', 'sh', '-c', 'hostler', 'm', '/srv/a', "echo 'it'\\''s'"])
})

test('sudo comes before the session, so that its id is the one that is told', () => {
  const line = startLine(cmd('id'), { marker: 'm', asRoot: ['sudo', '-n', '--'] })

  expect(wordsOf(line)).toEqual(['exec', 'sudo', '-n', '--', 'setsid', '-w', 'sh', '-c', 'hostler', 'm', 'id'])
})

test('a group is ended by its id and start time', () => {
  expect(wordsOf(endLine({ id: '12', startTime: '34' }, []))).toEqual(['exec', 'sh', '-c', 'end-group', '12', '34'])
  expect(wordsOf(endLine({ id: '12', startTime: '34' }, ['sudo', '-n', '--']))).toEqual([
    ...['exec', 'sudo', '-n', '--', 'sh', '-c', 'end-group', '12', '34'],
  ])
})

test('where the group of an earlier run does not end, the command is not started and that is said', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'hostler-group-'))
  const [lease, start] = ['lease.sh', 'start.sh'].map((name) => readFileSync(path.join(scripts, name), 'utf8'))
  const words = ['hostler', 'm', `${folder}/group`, 'exit 1', `touch ${folder}/started`]

  const { status, stderr } = spawnSync('sh', ['-c', `${lease}${start}`, ...words], { encoding: 'utf8' })

  const failed = {
    host: 'web-1',
    display: '',
    exitCode: status,
    signal: null,
    lastLines: stderr.trim().split('\n'),
    isHeard: false,
  }
  expect(isHeldUp(failed)).toBe(true)
  expect(readdirSync(folder)).toEqual([])
  rmSync(folder, { recursive: true })
})

describe.skipIf(!needs('shellcheck'))('shellcheck finds nothing in', () => {
  test.each(readdirSync(scripts))('%s', (name) => {
    expect(execFileSync('shellcheck', [path.join(scripts, name)], { encoding: 'utf8' })).toBe('')
  })
})
