import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { cmd } from '../../../server/platform/shell/command.js'
import { endLine, startLine } from '../../../server/platform/ssh/process-group.js'
import { needs } from '../../support/parts.js'

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

test('a group is ended by its id and start time, or by its file', () => {
  expect(wordsOf(endLine({ id: '12', startTime: '34' }, []))).toEqual(['exec', 'sh', '-c', 'end-group', '12', '34'])
  expect(wordsOf(endLine({ file: '/srv/a b' }, ['sudo', '-n', '--']))).toEqual([
    ...['exec', 'sudo', '-n', '--', 'sh', '-c', 'end-group', '/srv/a b'],
  ])
})

describe.skipIf(!needs('shellcheck'))('shellcheck finds nothing in', () => {
  const folder = path.resolve('server/platform/ssh/scripts')

  test.each(readdirSync(folder))('%s', (name) => {
    expect(execFileSync('shellcheck', [path.join(folder, name)], { encoding: 'utf8' })).toBe('')
  })
})
