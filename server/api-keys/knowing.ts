import type { Identity } from '../platform/access/authorizer.js'
import { UserError } from '../platform/errors.js'
import { appendInTeam } from '../platform/events/append.js'
import { hashOfToken } from '../platform/link-token.js'
import type { Services } from '../platform/services.js'
import { isFrom } from './networks.js'
import * as queries from './queries.js'
import { noteRefusedKey, whyOf } from './refusals.js'
import { usedEveryMs } from './rules.js'

/** What the authorizer asks of keys. */

/**
 * A key is judged alone: a bad one is refused, whoever else the browser says it is (AK-05). One that is shown from an
 * address it is not good for is refused as well, and told so: whoever has it knows that it is one.
 */
export async function identityOfKey(services: Services, key: string, address: string | null = null): Promise<Identity> {
  const now = services.clock()
  const usable = await services.db.asIdentity((db) => queries.maybeUsableKey(db, hashOfToken(key), now), 'read only')
  if (!usable) throw await refused(services, key, address)
  if (!isFrom(usable.networks, address)) throw await refusedHere(services, usable, address)
  await markUse(services, usable, address, now)
  const actor = { kind: 'api-key', id: usable.id, name: usable.name } as const
  return { kind: 'api-key', actor, isPublishable: usable.is_publishable }
}

async function refused(services: Services, key: string, address: string | null): Promise<UserError> {
  const known = await services.db.asIdentity((db) => queries.maybeKnownKey(db, hashOfToken(key)))
  await noteRefusedKey(services, known, whyOf(known, services.clock()), address)
  return badKey()
}

async function refusedHere(services: Services, key: queries.UsableKey, address: string | null): Promise<UserError> {
  await noteRefusedKey(services, key, 'network', address)
  return wrongPlace()
}

/** That a key was used is told once a day, and of two requests at once one is the first. */
async function markUse({ db }: Services, key: queries.UsableKey, address: string | null, now: Date): Promise<void> {
  const before = key.last_used_at
  if (before !== null && now.getTime() - before.getTime() < usedEveryMs && dayOf(before) === dayOf(now)) return
  await db.asIdentity(async (trx) => {
    const isMarked = (await queries.markUsed(trx, key.id, before, now)) > 0
    if (!isMarked || dayOf(before) === dayOf(now)) return
    const actor = { kind: 'api-key', id: key.id, name: key.name } as const
    await appendInTeam(trx, key.team_id, actor, { type: 'api-key.used', subject: actor, address }, now)
  })
}

/** The key's team with what it and its maker hold, or nothing for any other team. */
export const maybeKeyAccess = (services: Services, id: string, slug: string): Promise<queries.KeyAccess | undefined> =>
  services.db.asIdentity((db) => queries.maybeKeyAccess(db, id, slug, services.clock()))

const dayOf = (at: Date | null): string | undefined => at?.toISOString().slice(0, 10)

const badKey = () =>
  new UserError(
    401,
    'This API key opens nothing',
    'It may have been revoked or be over. Make a new one on the API keys page.',
  )

const wrongPlace = () =>
  new UserError(403, 'This API key is not taken from your address', 'Its networks are on the API keys page.')
