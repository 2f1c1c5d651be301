import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { all, type Command, cmd, either, into, pipe } from '../../../server/platform/shell/command.js'
import { toDisplay, toShell } from '../../../server/platform/shell/render.js'

const run = (command: Command) => spawnSync('sh', ['-c', toShell(command)], { encoding: 'utf8' })

describe('toShell', () => {
  test.each<[string, Command, string]>([
    ['words', cmd('git', 'clone', '--', "it's"), "git clone -- 'it'\\''s'"],
    ['all', all(cmd('cd', '/srv'), cmd('make')), 'cd /srv && make'],
    ['all of nothing', all(), 'true'],
    ['either', either(cmd('a'), cmd('b')), 'a || b'],
    ['nested alike', all(all(cmd('a'), cmd('b')), cmd('c')), 'a && b && c'],
    ['nested unlike', all(either(cmd('a'), cmd('b')), cmd('c')), '{ a || b; } && c'],
    ['nested unlike, last', either(cmd('a'), all(cmd('b'), cmd('c'))), 'a || { b && c; }'],
    ['a list of one', all(all(cmd('a')), cmd('b')), 'a && b'],
    ['nothing inside something', either(all(), cmd('b')), '{ true; } || b'],
    ['into', into(cmd('cat', 'a'), '/srv/b c'), "cat a > '/srv/b c'"],
    ['append', into(cmd('cat', 'a'), 'b', true), 'cat a >> b'],
    ['into of a list', into(all(cmd('a'), cmd('b')), 'f'), '{ a && b; } > f'],
    ['into in a list', all(into(cmd('a'), 'f'), cmd('b')), 'a > f && b'],
    ['into twice', into(into(cmd('a'), 'f'), 'g'), '{ a > f; } > g'],
    ['pipe', pipe(cmd('tar', '-c', 'a b'), cmd('gzip')), "bash -o pipefail -c 'tar -c '\\''a b'\\'' | gzip'"],
    ['pipe of a list', pipe(all(cmd('a'), cmd('b')), cmd('c')), "bash -o pipefail -c '{ a && b; } | c'"],
    ['pipe in a list', all(cmd('x'), pipe(cmd('a'), cmd('b'))), "bash -o pipefail -c 'x && { a | b; }'"],
    ['pipe into', into(pipe(cmd('a'), cmd('b')), 'f'), "bash -o pipefail -c '{ a | b; } > f'"],
    ['pipe of one', pipe(cmd('a')), 'a'],
  ])('%s', (_, command, line) => {
    expect(toShell(command)).toBe(line)
  })

  test('an empty pipe is a mistake of the caller', () => {
    expect(() => toShell(pipe())).toThrow('no commands')
  })

  test('a failure anywhere in a pipe fails the whole, whatever sh is', () => {
    expect(run(pipe(cmd('false'), cmd('cat'))).status).toBe(1)
    expect(run(pipe(cmd('sh', '-c', 'exit 7'), cmd('cat'), cmd('cat'))).status).toBe(7)
    expect(run(all(cmd('true'), pipe(cmd('true'), cmd('cat')))).status).toBe(0)
  })

  test('braces keep the meaning of nested joins', () => {
    const echo = (word: string) => cmd('echo', word)

    expect(run(either(echo('a'), all(echo('b'), echo('c')))).stdout).toBe('a\n')
    expect(run(all(either(cmd('false'), echo('b')), echo('c'))).stdout).toBe('b\nc\n')
    expect(run(pipe(all(echo('b'), echo('a')), cmd('sort'))).stdout).toBe('a\nb\n')
  })
})

describe('toDisplay', () => {
  test('shows a pipe as a person would type it', () => {
    expect(toDisplay(pipe(cmd('tar', '-c', 'a b'), cmd('gzip')))).toBe("tar -c 'a b' | gzip")
  })

  test('is one line whatever the words hold', () => {
    expect(toDisplay(cmd('echo', 'a\nb\u2028c\u001b[31m\u202e'))).toBe("echo 'a\\nb\\u2028c\\u001b[31m\\u202e'")
  })

  test('is cut when long', () => {
    const line = toDisplay(cmd('echo', 'x'.repeat(10_000)))

    expect(line.length).toBe(301)
    expect(line.endsWith('x…')).toBe(true)
  })
})
