import type { TransactionOf } from '../db/doors.js'
import type { OperationsRow } from '../db/tables.js'
import type { Services } from '../services.js'
import { beat, holdsLease } from './lease-queries.js'
import { operationsChannel } from './queries.js'
import { CancelRequested, LeaseLost } from './stop-reasons.js'

/** So many beats may be lost before the runner counts as lost. */
export const beatsPerLease = 6

/** Proof that this runner holds an operation. It beats in the background and says when it is lost or a cancel was asked. */
export interface Lease {
  readonly operation: OperationsRow
  readonly fence: number
  readonly lost: AbortSignal
  readonly cancel: AbortSignal
  /** Does it again while the database is away, until the lease is lost. */
  patiently<T>(work: () => Promise<T>): Promise<T>
  /** A transaction that is refused, with `LeaseLost`, unless the lease is still ours. Patiently. */
  write<T>(work: (db: TransactionOf<'system'>) => Promise<T>): Promise<T>
  /** Takes the operation's row for the rest of a transaction of the team's own. Throws `LeaseLost`. */
  confirm(db: TransactionOf<'team'>): Promise<void>
  release(): void
}

export function holdLease(services: Services, operation: OperationsRow, runner: string): Lease {
  const fence = operation.fence ?? 0
  const lost = new AbortController()
  const cancel = new AbortController()
  const leaseMs = services.config.leaseSeconds * 1000
  let lastBeat = Date.now()
  if (operation.cancel_requested_at) cancel.abort(new CancelRequested())

  async function look(): Promise<void> {
    try {
      const row = await services.db.asSystem((db) => beat(db, operation.id, runner, fence))
      if (!row) return lost.abort(new LeaseLost())
      lastBeat = Date.now()
      if (row.cancel_requested_at) cancel.abort(new CancelRequested())
    } catch (error) {
      services.log.warn({ err: error, operationId: operation.id }, 'heartbeat failed')
      if (Date.now() - lastBeat > leaseMs) lost.abort(new LeaseLost())
    }
  }

  const timer = setInterval(look, leaseMs / beatsPerLease)
  const unsubscribe = services.signals.on(operationsChannel, (id) => {
    if (id === operation.id || id === null) void look()
  })

  async function confirm(db: TransactionOf<'system'> | TransactionOf<'team'>): Promise<void> {
    if (!(await holdsLease(db, operation.id, runner, fence))) throw new LeaseLost()
  }

  const write = <T>(work: (db: TransactionOf<'system'>) => Promise<T>): Promise<T> =>
    patiently(() =>
      services.db.asSystem(async (db) => {
        await confirm(db)
        return work(db)
      }),
    )

  async function patiently<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      lost.signal.throwIfAborted()
      try {
        return await work()
      } catch (error) {
        if (error instanceof LeaseLost) lost.abort(error)
        if (!isDatabaseAway(error)) throw error
        await new Promise((resolve) => setTimeout(resolve, 500))
      }
    }
  }

  return {
    operation,
    fence,
    write,
    patiently,
    confirm,
    lost: lost.signal,
    cancel: cancel.signal,
    release: () => {
      clearInterval(timer)
      unsubscribe()
    },
  }
}

/**
 * Class 57 is the server going down or coming up, class 08 a lost connection, 25P03 a transaction that it gave up because
 * this process was asleep; the rest are the socket's own words.
 */
export function isDatabaseAway(error: unknown): boolean {
  const { code = '', message = '' } = error as { code?: string; message?: string }
  return (
    /^(57P0[123]|25P03|08)/.test(code) ||
    /^E(CONNREFUSED|CONNRESET|PIPE)$/.test(code) ||
    /Connection terminated|Client has encountered a connection error|Timeout acquiring a connection/.test(message)
  )
}
