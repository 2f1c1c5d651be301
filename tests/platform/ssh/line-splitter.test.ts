import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LineSplitter } from '../../../server/platform/ssh/line-splitter.js'

function split(...chunks: (string | Buffer)[]): string[] {
  const splitter = new LineSplitter(100)
  return [...chunks.flatMap((chunk) => splitter.push(Buffer.from(chunk))), ...splitter.end()]
}

describe('LineSplitter', () => {
  test.each<[string, (string | Buffer)[], string[]]>([
    ['lines in one chunk', ['a\nb\n'], ['a', 'b']],
    ['a line over several chunks', ['a', 'b', 'c\nd'], ['abc', 'd']],
    ['empty lines', ['\n\na\n'], ['', '', 'a']],
    ['nothing', [''], []],
    ['Windows line ends', ['a\r\nb\r\n'], ['a', 'b']],
    ['a line end between chunks', ['a\r', '\nb\r', '\n'], ['a', 'b']],
    ['doubled returns of a terminal', ['a\r\r\nb\n'], ['a', 'b']],
    ['a progress bar', ['10%\r50%\r100%\ndone\n'], ['100%', 'done']],
    ['a progress bar in chunks', ['10%\r', '50%', '\r', '100%\n'], ['100%']],
    ['a progress bar that is never ended', ['10%\r50%\r'], ['50%']],
    ['a letter cut between chunks', [Buffer.from([0xc3]), Buffer.from([0xa9, 0x0a])], ['é']],
    ['bytes that are not UTF-8', [Buffer.from([0x61, 0xff, 0xfe, 0x62, 0x0a])], ['a\ufffd\ufffdb']],
    ['a letter cut by the limit', [`${'x'.repeat(99)}é\n`], [`${'x'.repeat(99)} … (line cut)`]],
    ['the line after one that was cut', [`${'x'.repeat(300)}\nb\n`], [`${'x'.repeat(100)} … (line cut)`, 'b']],
    ['a short state after a long one', [`${'x'.repeat(300)}\rb\n`], ['b']],
  ])('%s', (_, chunks, lines) => {
    expect(split(...chunks)).toEqual(lines)
  })

  test('gives the same lines however the bytes are cut', () => {
    const text = fc.stringMatching(/^[ab\r\né]{0,60}$/)

    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 7 }), (whole, size) => {
        const bytes = Buffer.from(whole)
        const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
          bytes.subarray(index * size, (index + 1) * size),
        )
        expect(split(...chunks)).toEqual(split(bytes))
      }),
    )
  })

  test('CI-11: a line of a gigabyte is held to its limit', () => {
    const splitter = new LineSplitter()
    const chunk = Buffer.alloc(1024 * 1024, 'x')
    const before = process.memoryUsage().rss

    for (let megabyte = 0; megabyte < 1024; megabyte++) splitter.push(chunk)

    expect(process.memoryUsage().rss - before).toBeLessThan(50 * 1024 * 1024)
    expect(splitter.push(Buffer.from('\nnext\n')).map((line) => line.length)).toEqual([16 * 1024 + 13, 4])
  })
})
