import type { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { UserError } from '../errors.js'
import type { Secret } from '../secret.js'
import type { Word } from '../shell/command.js'
import type { Channel } from './channel.js'
import { type HostKey, HostKeyChangedError, parseHostKey } from './host-key.js'
import { Limiter } from './limiter.js'
import { isHungUp } from './reach.js'
import { ShellHost } from './shell-host.js'
import { SshConnection } from './ssh-connection.js'

export interface SshTarget {
  readonly name: string
  readonly root: string
  readonly address: string
  readonly port: number
  readonly user: string
  readonly privateKey: Secret
  /** "ssh-ed25519 AAAA…", as `onFirstKey` gave it. */
  readonly hostKey?: string | undefined
}

export interface SshOptions {
  /** Is given the key of a machine that has none pinned, before the sign-in: keep it, or throw to refuse it. */
  onFirstKey?: ((key: HostKey) => void | Promise<void>) | undefined
  /** Is told, once for each try, that the machine showed another key than the pinned one. */
  onChangedKey?: ((error: HostKeyChangedError) => void | Promise<void>) | undefined
  /** Shared by all hosts at one address: sshd drops newcomers from the tenth unfinished sign-in on (MaxStartups). */
  signIns?: Limiter
  keepaliveMs?: number
  readyMs?: number
  idleMs?: number
}

/** A machine over SSH: one connection, opened at the first use, kept while used, opened anew after a loss. */
export class SshHost extends ShellHost {
  readonly name: string
  readonly root: string
  protected readonly asRoot: readonly Word[]
  readonly #target: SshTarget
  readonly #options: Required<SshOptions>
  #pinned: HostKey | undefined
  #connection: Promise<SshConnection> | undefined
  #idle: NodeJS.Timeout | undefined

  constructor(target: SshTarget, options: SshOptions = {}) {
    super()
    this.name = target.name
    this.root = target.root
    this.asRoot = target.user === 'root' ? [] : ['sudo', '-n', '--']
    this.#target = target
    this.#options = {
      onFirstKey: undefined,
      onChangedKey: undefined,
      signIns: new Limiter(1),
      keepaliveMs: 10_000,
      readyMs: 20_000,
      idleMs: 300_000,
      ...options,
    }
    this.#pinned = target.hostKey === undefined ? undefined : parseHostKey(target.hostKey)
  }

  protected async open(line: string, options: { urgent: boolean; signal?: AbortSignal | undefined }): Promise<Channel> {
    const connection = await abortable(this.#connected(), options.signal)
    try {
      return await connection.start(line, options)
    } catch (error) {
      if (!options.urgent || !connection.isOpen) throw error
      return this.#openAside(line)
    }
  }

  async forward(to: { port: number } | { socket: string }): Promise<Duplex> {
    return (await this.#connected()).forward(to)
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle)
    const connection = this.#connection
    this.#connection = undefined
    await connection?.then((open) => open.close()).catch(() => {})
  }

  /** Closes as soon as nothing runs on it. */
  async retire(): Promise<void> {
    this.#options.idleMs = 0
    const connection = await this.#connection?.catch(() => undefined)
    if (connection?.isIdle) await this.close()
  }

  /** For ending a group where sshd gives this connection no further session: a connection of its own. */
  async #openAside(line: string): Promise<Channel> {
    const aside = await this.#signIn()
    const channel = await aside.start(line, { urgent: true })
    const close = () => aside.close()
    channel.ended.then(close, close)
    return channel
  }

  async #connected(): Promise<SshConnection> {
    const earlier = this.#connection
    if (earlier && (await earlier.then((connection) => connection.isOpen))) return earlier
    // Of all who found it closed, the first opens the next one for them all.
    if (this.#connection === earlier) this.#connection = this.#signInForAll()
    return this.#connection ?? this.#connected()
  }

  async #signInForAll(): Promise<SshConnection> {
    try {
      const connection = await this.#signIn()
      connection.onClose = () => this.learned.forget()
      connection.onIdle = () => this.#closeLater(connection)
      this.#closeLater(connection)
      return connection
    } catch (error) {
      this.#connection = undefined
      throw error
    }
  }

  async #signIn(): Promise<SshConnection> {
    const leave = await this.#options.signIns.take()
    try {
      for (let tries = 1; ; tries++) {
        try {
          return await this.#tryToSignIn()
        } catch (error) {
          const cause = error instanceof UserError ? error.cause : undefined
          if (tries === 3 || !(cause instanceof Error) || !isHungUp(cause)) throw error
          await delay(300 * 2 ** tries * (0.5 + Math.random()))
        }
      }
    } finally {
      leave()
    }
  }

  async #tryToSignIn(): Promise<SshConnection> {
    const { onFirstKey, onChangedKey, keepaliveMs, readyMs } = this.#options
    const pin = async (key: HostKey) => {
      if (!onFirstKey)
        throw new UserError(
          502,
          `The host key of ${this.name} is not known yet`,
          'Check the server on its page to pin its key.',
        )
      await onFirstKey(key)
      this.#pinned = key
    }
    const signIn = { ...this.#target, pinned: this.#pinned, onFirstKey: pin, keepaliveMs, readyMs }
    return SshConnection.open(signIn).catch(async (error) => {
      if (error instanceof HostKeyChangedError) await onChangedKey?.(error)
      throw error
    })
  }

  #closeLater(connection: SshConnection): void {
    clearTimeout(this.#idle)
    this.#idle = setTimeout(() => {
      if (connection.isIdle) connection.close().catch(() => {})
    }, this.#options.idleMs).unref()
  }
}

function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
