import type { ForwardsRow } from '../platform/db/tables.js'
import { FieldError, notFound } from '../platform/errors.js'
import { maybeHead } from '../platform/events/chain-queries.js'
import { fingerprintOfSealed } from '../platform/events/fingerprint.js'
import { newId } from '../platform/ids.js'
import { OutboundFault } from '../platform/outbound/fault.js'
import { Secret } from '../platform/secret.js'
import * as queries from './queries.js'
import { placeholder, type Wish } from './schema.js'
import type { Scope } from './scope.js'
import { sayFault, secretPlace, sendBatch } from './sending.js'

export { sendForwards } from './following.js'
export { ofPanel, ofTeam } from './scope.js'

export const forwardPage = (scope: Scope) =>
  scope.transaction(async (db) => {
    const forward = await queries.maybeForward(db, scope.teamId)
    const head = await maybeHead(db, scope.teamId)
    const behind = forward ? Math.max(0, (head?.sequence ?? 0) - forward.sequence) : 0
    return { forward: forward ? shown(forward) : null, behind, placeholder }
  })

/** What follows from now on; a change goes on where the old one had come to. */
export async function setForward(scope: Scope, wish: Wish): Promise<void> {
  checkAddress(scope, wish)
  await scope.transaction(async (db, say) => {
    const before = await queries.maybeForward(db, scope.teamId)
    const head = await maybeHead(db, scope.teamId)
    const row: ForwardsRow = {
      ...{ team_id: scope.teamId, kind: wish.kind, address: wish.address, ca: wish.ca },
      secret_sealed: wish.kind === 'https' ? secretFor(scope, wish, before) : null,
      ...{ sequence: head?.sequence ?? 0, at: head?.at ?? null, failures: 0, retry_at: null, fault: null },
      ...{ taken_until: null, sent_at: null, created_at: scope.services.clock() },
    }
    await queries.putForward(db, row)
    await say('forward.set', { before: before ? told(scope, before) : {}, after: told(scope, row) })
  })
}

export const removeForward = (scope: Scope): Promise<void> =>
  scope.transaction(async (db, say) => {
    const before = await queries.maybeForward(db, scope.teamId)
    if (!before) throw notFound('forward')
    if ((await queries.deleteForward(db, scope.teamId)) === 0) throw notFound('forward')
    await say('forward.removed', { before: told(scope, before) })
  })

/** Sends one message that is no event, and says how that went. */
export async function testForward(scope: Scope, signal: AbortSignal): Promise<void> {
  const forward = await scope.transaction((db) => queries.maybeForward(db, scope.teamId))
  if (!forward) throw notFound('forward')
  const now = scope.services.clock()
  const test = {
    ...{ id: newId(), team_id: scope.teamId, sequence: 0, type: 'forward.tested', at: now, address: null },
    ...{ actor_kind: 'system' as const, actor_id: null, actor_name: 'Hostler', data: { test: true } },
    ...{ subject_kind: 'team', subject_id: null, subject_name: scope.name },
    ...{ previous_hash: Buffer.alloc(32), hash: Buffer.alloc(32) },
  }
  await sendBatch(scope.services, forward, [test], signal).catch((error: unknown) => {
    throw new FieldError('form', sayFault(scope.services, scope.teamId, error))
  })
}

function checkAddress({ services }: Scope, { kind, address }: Wish): void {
  try {
    if (kind === 'syslog') services.outbound.checkTls(address)
    else services.outbound.check(address)
  } catch (error) {
    throw error instanceof OutboundFault ? new FieldError('address', error.message) : error
  }
}

/** A secret that was given for one address is not used for another. */
function secretFor(scope: Scope, wish: Wish, before: ForwardsRow | undefined): string {
  const isKept = wish.secret === null || wish.secret === placeholder
  if (isKept && before?.secret_sealed && before.address === wish.address) return before.secret_sealed
  if (isKept || wish.secret === null || wish.secret.length < 16)
    throw new FieldError('secret', 'Give a secret of at least 16 characters, which the other side knows too')
  return scope.services.vault.seal(new Secret(wish.secret), secretPlace(scope.teamId))
}

function told({ services, teamId }: Scope, { kind, address, ca, secret_sealed: sealed }: ForwardsRow) {
  const secret = sealed && fingerprintOfSealed(services.vault, sealed, secretPlace(teamId), teamId)
  return { kind, address, ca, secret }
}

const shown = ({ kind, address, ca, secret_sealed, fault, retry_at, sent_at, failures }: ForwardsRow) => ({
  ...{ kind, address, ca, hasSecret: secret_sealed !== null, fault, failures },
  ...{ retryAt: retry_at, sentAt: sent_at },
})
