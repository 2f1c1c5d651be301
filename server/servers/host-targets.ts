import type { Logger } from 'pino'
import { hostler } from '../platform/access/ctx.js'
import type { Database } from '../platform/db/doors.js'
import { appendInTeam } from '../platform/events/append.js'
import { type HostKey, HostKeyChangedError, parseHostKey } from '../platform/ssh/host-key.js'
import type { HostsOptions, HostTarget } from '../platform/ssh/hosts.js'
import type { Place, Vault } from '../platform/vault/vault.js'
import * as queries from './queries.js'

export interface DoorParts {
  db: Database
  vault: Vault
  log: Logger
  clock: () => Date
}

export const keyPlace = (serverId: string): Place => ({ table: 'servers', id: serverId, column: 'private_key_sealed' })

/** For `createHosts`: how each server is reached, and what becomes of the host keys that are seen. */
export const hostDoors = (parts: DoorParts): [(serverId: string) => Promise<HostTarget | null>, HostsOptions] => [
  openTarget(parts.db, parts.vault),
  {
    onFirstKey: (serverId, key) => pinFirstKey(parts, serverId, key),
    onChangedKey: (serverId, error) => markKeyChanged(parts, serverId, error),
  },
]

/** Throws `HostKeyChangedError` for a machine that has shown another key: nothing is even sent there until it is accepted. */
export const openTarget =
  (db: Database, vault: Vault) =>
  async (serverId: string): Promise<HostTarget | null> => {
    const row = await db.asSystem((trx) => queries.targetOf(trx, serverId))
    if (!row) return null
    const { name, root } = row
    if (row.kind === 'local') return { kind: 'local', name, root }

    if (row.host_key && row.host_key_changed_to)
      throw new HostKeyChangedError(name, parseHostKey(row.host_key), parseHostKey(row.host_key_changed_to))
    const { address, port, username, private_key_sealed: sealed } = row
    if (address === null || port === null || username === null || sealed === null)
      throw new Error(`The row of server ${serverId} is not whole`)
    const privateKey = vault.open(sealed, keyPlace(serverId))
    return { kind: 'ssh', name, root, address, port, user: username, privateKey, hostKey: row.host_key ?? undefined }
  }

/** The first key is believed, as everywhere with SSH; the page shows it for comparing. */
async function pinFirstKey({ db, clock }: DoorParts, serverId: string, key: HostKey): Promise<void> {
  await db.asSystem(async (trx) => {
    const server = await queries.pinFirstKey(trx, serverId, key)
    if (!server) return refuseUnlessPinned(await queries.targetOf(trx, serverId), key)
    await appendInTeam(
      trx,
      server.team_id,
      hostler,
      {
        type: 'server.host-key-pinned',
        subject: { kind: 'server', id: serverId },
        data: { name: server.name, fingerprint: key.fingerprint },
      },
      clock(),
    )
  })
}

/** Two first contacts at once: the second one must have met the same machine. */
function refuseUnlessPinned(row: Awaited<ReturnType<typeof queries.targetOf>>, key: HostKey): void {
  if (row?.host_key && row.host_key !== key.line)
    throw new HostKeyChangedError(row.name, parseHostKey(row.host_key), key)
}

/** Never throws: the refusal itself must reach whoever wanted to work there. */
async function markKeyChanged(
  { db, log, clock }: DoorParts,
  serverId: string,
  error: HostKeyChangedError,
): Promise<void> {
  try {
    await db.asSystem(async (trx) => {
      const server = await queries.markKeyChanged(trx, serverId, error.expected, error.seen.line)
      if (!server) return
      await appendInTeam(
        trx,
        server.team_id,
        hostler,
        {
          type: 'server.host-key-changed',
          subject: { kind: 'server', id: serverId },
          data: { name: server.name, expected: error.expected, seen: error.seen.fingerprint },
        },
        clock(),
      )
    })
  } catch (cause) {
    log.error({ err: cause, serverId }, 'could not mark the changed host key')
  }
}
