import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, type ClientChannel } from 'ssh2'
import { UserError } from '../errors.js'
import type { Secret } from '../secret.js'
import { type Channel, whenEnded } from './channel.js'
import { algorithmsFor, type HostKey, HostKeyChangedError, hostKeyOf } from './host-key.js'
import { Limiter } from './limiter.js'
import { type Address, linkLost, NothingListens, unreachable } from './reach.js'

export interface SignIn extends Address {
  readonly privateKey: Secret
  readonly pinned: HostKey | undefined
  /** Asked when no key is pinned, before anything is sent. By throwing it refuses the machine. */
  readonly onFirstKey: (key: HostKey) => void | Promise<void>
  /** A link that takes packets and answers none is noticed after three to four times this. */
  readonly keepaliveMs: number
  readonly readyMs: number
}

/** sshd gives one connection 10 sessions (MaxSessions); two are kept for what ends the others. */
const ordinarySessions = 8

/** For two seconds. One that takes none at all refuses for good. */
const mostRefusals = 20

/** One signed-in connection. It never signs in again: when it is closed, make another. */
export class SshConnection {
  readonly #client: Client
  readonly #to: Address
  readonly #sessions = new Limiter(ordinarySessions)
  #openCount = 0
  #failure: Error | undefined
  #isClosed = false
  /** We have said goodbye: nothing new is begun on it, though the machine may not have heard that yet. */
  #isLeaving = false
  /** Called when the last channel has ended. */
  onIdle: () => void = () => {}
  /** Called once, however it ended. */
  onClose: () => void = () => {}

  private constructor(client: Client, to: Address) {
    this.#client = client
    this.#to = to
    client.on('error', (error) => {
      this.#failure ??= error
    })
    client.on('close', () => {
      this.#isClosed = true
      this.onClose()
    })
  }

  /** Rejects with `HostKeyChangedError` or with a `UserError` that says why. */
  static open(signIn: SignIn): Promise<SshConnection> {
    const client = new Client()
    return new Promise((resolve, reject) => {
      let refusal: Error | undefined
      const connection = new SshConnection(client, signIn)
      client.once('ready', () => resolve(connection))
      client.on('error', (error) => {
        reject(refusal ?? unreachable(error, signIn))
        client.destroy()
      })
      client.on('close', () => reject(refusal ?? linkLost(signIn)))
      client.connect({
        host: signIn.address,
        port: signIn.port,
        username: signIn.user,
        privateKey: signIn.privateKey.reveal(),
        authHandler: ['publickey'],
        readyTimeout: signIn.readyMs,
        keepaliveInterval: signIn.keepaliveMs,
        keepaliveCountMax: 3,
        algorithms: { serverHostKey: algorithmsFor(signIn.pinned) },
        // Runs in the key exchange, before the first word of authentication. ssh2 trusts any key without it.
        hostVerifier: (blob: Buffer, accept: (isRight: boolean) => void): undefined => {
          verify(signIn, hostKeyOf(blob)).then(
            () => accept(true),
            (error: Error) => {
              refusal = error
              accept(false)
            },
          )
        },
      })
      client.setNoDelay(true)
    })
  }

  get isOpen(): boolean {
    return !this.#isClosed && !this.#isLeaving && !this.#failure
  }

  get isIdle(): boolean {
    return this.#openCount === 0
  }

  /** Runs a line in the login shell, when it is its turn. `urgent` has no turn. */
  async start(
    line: string,
    { urgent, signal }: { urgent: boolean; signal?: AbortSignal | undefined },
  ): Promise<Channel> {
    for (let refusals = 0; ; ) {
      const leave = urgent ? () => {} : await this.#sessions.take(signal)
      const others = this.#openCount
      this.#openCount++
      const done = () => {
        leave()
        this.#done()
      }
      try {
        return await this.#exec(line, done)
      } catch (error) {
        done()
        // This sshd allows fewer than we thought: wait for one of those that are open.
        if (urgent || !isRefused(error)) throw this.#sentence(error)
        if (others > 0) this.#sessions.shrinkTo(others)
        // It goes on counting a session that we have closed, until the program in it has ended.
        else if (this.isOpen && refusals++ < mostRefusals) await sleep(100)
        else throw this.#sentence(error)
      }
    }
  }

  forward(to: { port: number } | { socket: string }): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      this.#openCount++
      const opened = (error: Error | undefined, stream: ClientChannel) => {
        if (error) {
          this.#done()
          reject(this.isOpen ? new NothingListens(this.#to.name, to, error) : this.#sentence(error))
          return
        }
        stream.once('close', () => this.#done())
        resolve(stream)
      }
      try {
        if ('port' in to) this.#client.forwardOut('127.0.0.1', 0, '127.0.0.1', to.port, opened)
        else this.#client.openssh_forwardOutStreamLocal(to.socket, opened)
      } catch (error) {
        this.#done()
        reject(this.#sentence(error))
      }
    })
  }

  close(): Promise<void> {
    if (this.#isClosed) return Promise.resolve()
    this.#isLeaving = true
    return new Promise((resolve) => {
      // A machine that does not say goodbye is not waited for.
      const late = setTimeout(() => this.#client.destroy(), 1000)
      this.#client.once('close', () => {
        clearTimeout(late)
        resolve()
      })
      this.#client.end()
    })
  }

  #exec(line: string, done: () => void): Promise<Channel> {
    return new Promise((resolve, reject) => {
      // The end of a short command may come in the same packet: listen before anything else happens.
      this.#client.exec(line, (error, stream) => {
        if (error) return reject(error)
        stream.once('close', done)
        resolve(this.#channel(stream))
      })
    })
  }

  #channel(stream: ClientChannel): Channel {
    stream.on('error', () => {})
    const lost = () => (this.isOpen ? undefined : linkLost(this.#to, this.#failure))
    return {
      stdin: stream,
      stdout: stream,
      stderr: stream.stderr,
      ended: whenEnded(stream, [stream, stream.stderr], lost),
      close: () => stream.close(),
    }
  }

  #done(): void {
    this.#openCount--
    if (this.isIdle) this.onIdle()
  }

  #sentence(error: unknown): Error {
    if (!this.isOpen) return linkLost(this.#to, this.#failure)
    const hint = 'Check its sshd_config (MaxSessions, ForceCommand) and the log of sshd.'
    return new UserError(502, `${this.#to.name} did not start a command`, hint, { cause: error })
  }
}

async function verify(signIn: SignIn, seen: HostKey): Promise<void> {
  if (!signIn.pinned) await signIn.onFirstKey(seen)
  else if (signIn.pinned.line !== seen.line) throw new HostKeyChangedError(signIn.name, signIn.pinned, seen)
}

const isRefused = (error: unknown): boolean => error instanceof Error && error.message.includes('Channel open failure')
