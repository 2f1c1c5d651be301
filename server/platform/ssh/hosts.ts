import { notFound } from '../errors.js'
import type { Host } from './host.js'
import type { HostKey, HostKeyChangedError } from './host-key.js'
import { Limiter } from './limiter.js'
import { LocalHost } from './local-host.js'
import { SshHost, type SshTarget } from './ssh-host.js'

/** How a server is reached. "This machine" is a server too. */
export type HostTarget =
  | { readonly kind: 'local'; readonly name: string; readonly root: string }
  | ({ readonly kind: 'ssh' } & SshTarget)

export interface Hosts {
  /** The door to a server; the same one, with its connection, as long as its address, user and keys stay. */
  get(serverId: string): Promise<Host>
  /** Closes all connections. What runs on the servers goes on. */
  close(): Promise<void>
}

export interface HostsOptions {
  onFirstKey?: (serverId: string, key: HostKey) => void | Promise<void>
  onChangedKey?: (serverId: string, error: HostKeyChangedError) => void | Promise<void>
}

/** sshd starts to drop newcomers at ten unfinished sign-ins; other people sign in there, too. */
const signInsAtOnce = 4

/**
 * `open` says how to reach a server (null: there is none) and is asked at every `get`, so a change counts at once.
 * `onFirstKey` stores the host key of a server that has none yet; without it such a server is refused. `onChangedKey` is
 * told of a server that showed another key than the stored one, which is refused in any case.
 */
export function createHosts(open: (serverId: string) => Promise<HostTarget | null>, options: HostsOptions = {}): Hosts {
  const known = new Map<string, { target: HostTarget; host: LocalHost | SshHost }>()
  const signIns = new Map<string, Limiter>()

  function build(serverId: string, target: HostTarget): LocalHost | SshHost {
    if (target.kind === 'local') return new LocalHost(target)
    const place = `${target.address}:${target.port}`
    const limiter = signIns.get(place) ?? new Limiter(signInsAtOnce)
    signIns.set(place, limiter)
    return new SshHost(target, {
      signIns: limiter,
      onFirstKey: options.onFirstKey && ((key) => pin(serverId, target, key)),
      onChangedKey: options.onChangedKey && ((error) => options.onChangedKey?.(serverId, error)),
    })
  }

  /** The stored key comes back with the next target: that is no change for the host that saw it. */
  async function pin(serverId: string, target: SshTarget & { kind: 'ssh' }, key: HostKey): Promise<void> {
    await options.onFirstKey?.(serverId, key)
    const entry = known.get(serverId)
    if (entry?.target === target) entry.target = { ...target, hostKey: key.line }
  }

  return {
    async get(serverId) {
      const target = await open(serverId)
      const earlier = known.get(serverId)
      if (earlier && target && isSame(earlier.target, target)) return earlier.host
      const host = target && build(serverId, target)
      if (host) known.set(serverId, { target, host })
      else known.delete(serverId)
      // Commands that run through the old door may end there.
      if (earlier?.host instanceof SshHost) await earlier.host.retire()
      if (!host) throw notFound('server')
      return host
    },
    async close() {
      const hosts = [...known.values()]
      known.clear()
      await Promise.all(hosts.map(({ host }) => host.close()))
    },
  }
}

function isSame(one: HostTarget, other: HostTarget): boolean {
  if (one.name !== other.name || one.root !== other.root) return false
  if (one.kind === 'local' || other.kind === 'local') return one.kind === other.kind
  return (
    one.address === other.address &&
    one.port === other.port &&
    one.user === other.user &&
    one.privateKey.reveal() === other.privateKey.reveal() &&
    one.hostKey === other.hostKey
  )
}
