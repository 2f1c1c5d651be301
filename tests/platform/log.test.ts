import { describe, expect, it } from 'vitest'
import { createLog } from '../../server/platform/log.js'
import { Secret } from '../../server/platform/secret.js'

function lines(write: (log: ReturnType<typeof createLog>) => void): string[] {
  const written: string[] = []
  write(createLog('info', { write: (line) => void written.push(line) }))
  return written
}

describe('the log', () => {
  it.each(['a\r\nb', '{"level":60}\n{"level":60}', '\u001b[2J\u001b]0;title\u0007', '%n%s%o', '\u2028\u2029\u0085'])(
    'LG-04: writes one line for %j, whatever the text holds',
    (text) => {
      const written = lines((log) => log.info({ userAgent: text, path: text }, text))

      expect(written).toHaveLength(1)
      expect(written[0]?.trimEnd()).not.toMatch(/[\n\r\u001b\u0007]/)
      expect(JSON.parse(written[0] ?? '')).toMatchObject({ userAgent: text, msg: text })
    },
  )

  it('LG-01: shows a secret as dots, and takes out what is named like one', () => {
    const canary = 'canary-5f2a'
    const written = lines((log) => {
      log.info({ given: new Secret(canary), password: canary, headers: { cookie: canary, authorization: canary } })
      log.error({ err: Object.assign(new Error('no'), { token: canary, request: { apiKey: canary } }) }, 'failed')
    })

    expect(written.join('')).not.toContain(canary)
  })
})
