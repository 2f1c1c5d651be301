import { describe, expect, test } from 'vitest'
import { plainText } from '../../../server/platform/ssh/plain-text.js'
import { cpuMsOf } from '../../support/cpu.js'

describe('XT-08: plainText', () => {
  test.each([
    ['keeps text, tabs and other scripts', 'a\tb é 日本 🚀', 'a\tb é 日本 🚀'],
    ['keeps HTML as it is: escaping belongs to the page', '<script>', '<script>'],
    ['drops colours', '\x1b[1;31mred\x1b[0m', 'red'],
    ['drops colours with colons', '\x1b[38:2::255:0:0mred', 'red'],
    ['drops eight-bit colours', '\x9b31mred', 'red'],
    ['drops cursor moves', '\x1b[2K\x1b[1Gdone', 'done'],
    ['drops a link and keeps its text', '\x1b]8;;javascript:alert(1)\x1b\\text\x1b]8;;\x1b\\', 'text'],
    ['drops a title', '\x1b]0;owned\x07text', 'text'],
    ['drops a write to the clipboard', '\x1b]52;c;cm0gLXJm\x07text', 'text'],
    ['drops a device control string', '\x1bPq#0;2\x1b\\text', 'text'],
    ['drops character sets and resets', '\x1b(B\x1bctext', 'text'],
    ['shows what an unfinished sequence would hide', '\x1b]0;hidden command', '0;hidden command'],
    ['drops other controls', 'a\0b\bc\x7fd\x85e', 'abcde'],
    ['drops line and paragraph separators', 'a\u2028b\u2029c', 'abc'],
    ['drops marks that turn text around', 'a\u202eb\u2066c', 'abc'],
  ])('%s', (_, text, plain) => {
    expect(plainText(text)).toBe(plain)
  })

  test.each(['\x1b]', '\x9d', '\x1bP', '\x1b[', '\x1b[0;'])('many of %j cost linear time', (start) => {
    expect(cpuMsOf(() => plainText(start.repeat(200_000)))).toBeLessThan(1000)
  })
})
