import { afterEach, describe, expect, it } from 'vitest'
import { readMailAddress, readMailServer } from '../../../server/platform/mail/settings.js'
import { post } from '../../../server/platform/mail/transport.js'
import { makeCertificate } from '../../support/certificates.js'
import { type MailSink, startMailSink } from '../../support/mail-sink.js'
import { freePort } from '../../support/ports.js'

const message = {
  ...{ id: '1', to: 'ada@example.com', replyTo: null, subject: 'Hello', text: 'Hello\n', html: '<p>Hello</p>' },
}
const from = readMailAddress('panel@example.com')
const send = (server: ReturnType<typeof readMailServer>, patienceMs = 2000) =>
  post({ server, from }, message, { signal: new AbortController().signal, patienceMs })

describe('handing a mail over', () => {
  let sink: MailSink | undefined
  afterEach(() => sink?.close())
  const at = async (options: Parameters<typeof startMailSink>[0] = {}) => {
    sink = await startMailSink(options)
    return sink
  }

  it('signs in where there is a user, and says when they are not taken', async () => {
    const { port, users } = await at()

    expect(await send(readMailServer(`smtp://ada:right@127.0.0.1:${port}`))).toMatchObject({ kind: 'sent' })
    expect(await send(readMailServer(`smtp://ada:wrong-one@127.0.0.1:${port}`))).toEqual({
      kind: 'later',
      why: expect.stringMatching(
        /^The user or password of HOSTLER_SMTP_URL is not taken by 127\.0\.0\.1.*Wrong password/,
      ),
      isOfServer: true,
    })
    expect(users).toEqual(['ada', 'ada'])
  })

  it('gives no password and no mail to a server without TLS that is not on this machine', async () => {
    const { port, users, mails } = await at()
    const server = { ...readMailServer('smtp://ada:right@mail.example.com'), host: '127.0.0.1', port }

    expect(server.tls).toBe('required')
    expect(await send(server)).toMatchObject({ kind: 'later', isOfServer: true })
    expect([users, mails]).toEqual([[], []])
  })

  it.each(['required', 'from the start'] as const)(
    'gives none to a server whose certificate nobody vouches for (TLS %s)',
    async (tls) => {
      const { certificate, key } = makeCertificate({ names: ['localhost'] })
      const { port, users, mails } = await at({ cert: certificate, key, secure: tls === 'from the start' })
      const server = { ...readMailServer('smtp://ada:right@mail.example.com'), host: 'localhost', port, tls }

      const outcome = await send(server)

      expect(outcome).toMatchObject({ kind: 'later', why: expect.stringMatching(/certificate/), isOfServer: true })
      expect([users, mails]).toEqual([[], []])
    },
  )

  it('says when nothing listens there', async () => {
    const port = await freePort()

    expect(await send(readMailServer(`smtp://127.0.0.1:${port}`))).toEqual({
      kind: 'later',
      why: expect.stringMatching(/^Nothing answers at 127\.0\.0\.1:\d+: .*ECONNREFUSED/),
      isOfServer: true,
    })
  })

  it.each(['connect', 'from', 'to', 'data'] as const)('ends in time where a server hangs at %s', async (where) => {
    const { port, answer } = await at()
    answer[where] = () => new Promise(() => undefined)
    const startedAt = performance.now()

    expect(await send(readMailServer(`smtp://127.0.0.1:${port}`), 200)).toEqual({
      kind: 'later',
      why: expect.stringMatching(/^There was no answer in time from/),
      isOfServer: true,
    })
    expect(performance.now() - startedAt).toBeLessThan(1000)
  })
})
