import { createHash } from 'node:crypto'
import type { Identity } from '../platform/access/authorizer.js'
import { UserError } from '../platform/errors.js'
import { appendInTeam } from '../platform/events/append.js'
import type { Services } from '../platform/services.js'
import { isFrom } from './networks.js'
import * as queries from './queries.js'
import { usedEveryMs } from './rules.js'

/** What the authorizer asks of keys. */

/**
 * A key is judged alone: a bad one is refused, whoever else the browser says it is (AK-05). One that is shown from an
 * address it is not good for is refused as well, and told so: whoever has it knows that it is one.
 */
export async function identityOfKey(services: Services, key: string, address: string | null = null): Promise<Identity> {
  const now = services.clock()
  return services.db.asIdentity(async (db): Promise<Identity> => {
    const known = await queries.maybeUsableKey(db, hashOf(key), now)
    if (!known) throw badKey()
    if (!isFrom(known.networks, address)) throw wrongPlace()
    const isDue = known.last_used_at === null || now.getTime() - known.last_used_at.getTime() >= usedEveryMs
    const actor = { kind: 'api-key', id: known.id, name: known.name } as const
    const isFirstToday = isDue && dayOf(known.last_used_at) !== dayOf(now)
    // Of two requests at once, one is the first.
    if (isDue && (await queries.markUsed(db, known.id, known.last_used_at, now)) && isFirstToday)
      await appendInTeam(db, known.team_id, actor, { type: 'api-key.used', subject: actor, address }, now)
    return { kind: 'api-key', actor }
  })
}

/** The key's team with what it and its maker hold, or nothing for any other team. */
export const maybeKeyAccess = (services: Services, id: string, slug: string): Promise<queries.KeyAccess | undefined> =>
  services.db.asIdentity((db) => queries.maybeKeyAccess(db, id, slug, services.clock()))

const dayOf = (at: Date | null): string | undefined => at?.toISOString().slice(0, 10)

/** SHA-256 is enough for 256 random bits; a slow hash is for what people think up. */
const hashOf = (key: string): Buffer => createHash('sha256').update(key).digest()

const badKey = () =>
  new UserError(
    401,
    'This API key opens nothing',
    'It may have been revoked or be over. Make a new one on the API keys page.',
  )

const wrongPlace = () =>
  new UserError(403, 'This API key is not taken from your address', 'Its networks are on the API keys page.')
