import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

/** A real mail server on loopback that keeps what it is given. */
export interface MailSink {
  readonly port: number
  readonly url: string
  /** What it took, the oldest first. */
  readonly mails: SunkMail[]
  /** How often somebody came. */
  connections: number
  /** What it says at each command from now on; it takes all unless told. An answer may wait. */
  answer: Partial<Record<'connect' | 'from' | 'to' | 'data', () => Refusal | undefined | Promise<Refusal | undefined>>>
  /** As who signed in. */
  readonly users: (string | undefined)[]
  /** The newest mail to that address, once it is there. */
  close(): Promise<void>
}

export interface Refusal {
  readonly code: number
  readonly text: string
}

/** With the addresses of its envelope, which alone say whom it goes to. */
export interface SunkMail {
  readonly from: string
  readonly to: readonly string[]
  readonly raw: string
  readonly email: Email
}

export async function startMailSink(options: SMTPServerOptions = {}): Promise<MailSink> {
  const said = async (at: keyof MailSink['answer']): Promise<Error | null> => {
    const refusal = await sink.answer[at]?.()
    return refusal ? Object.assign(new Error(refusal.text), { responseCode: refusal.code }) : null
  }
  const server = new SMTPServer({
    authOptional: true,
    // With TLS comes a certificate; without one nobody is offered any.
    disabledCommands: options.cert ? [] : ['STARTTLS'],
    allowInsecureAuth: true,
    disableReverseLookup: true,
    closeTimeout: 100,
    onAuth({ username, password }, _session, done) {
      sink.users.push(username)
      if (password === 'right') done(null, { user: username })
      else done(Object.assign(new Error('Wrong password'), { responseCode: 535 }))
    },
    onConnect(_session, done) {
      sink.connections += 1
      void said('connect').then(done)
    },
    onMailFrom: (_address, _session, done) => void said('from').then(done),
    onRcptTo: (_address, _session, done) => void said('to').then(done),
    onData(stream, { envelope }, done) {
      void take(stream)
        .then(async (raw) => {
          const refusal = await said('data')
          if (!refusal) sink.mails.push(await sunk(raw, envelope))
          return refusal
        })
        // Who hangs up in the middle is not answered.
        .then(done, done)
    },
    ...options,
  })
  server.on('error', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const { port } = server.server.address() as AddressInfo // It listens on TCP.
  const sink: MailSink = {
    port,
    url: `smtp://127.0.0.1:${port}`,
    mails: [],
    connections: 0,
    users: [],
    answer: {},
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
  return sink
}

async function take(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

const sunk = async (
  raw: string,
  { mailFrom, rcptTo }: { mailFrom: false | { address: string }; rcptTo: { address: string }[] },
): Promise<SunkMail> => ({
  from: mailFrom ? mailFrom.address : '',
  to: rcptTo.map(({ address }) => address),
  raw,
  email: await PostalMime.parse(raw),
})
