import { hostler } from '../platform/access/ctx.js'
import { noteRefusal } from '../platform/events/refusals.js'
import type { Services } from '../platform/services.js'
import type { KnownKey } from './queries.js'
import { stateOf } from './rules.js'

export type WhyRefused = 'unknown' | 'revoked' | 'expired' | 'owner-gone' | 'network'

/** Of a key that is or was one its team is told; of any other text only who runs the panel. */
export function noteRefusedKey(
  services: Services,
  key: Pick<KnownKey, 'id' | 'team_id' | 'name'> | undefined,
  why: WhyRefused,
  address: string | null,
): Promise<void> {
  const subject = { kind: 'api-key', id: key?.id ?? null, name: key?.name ?? 'unknown' }
  const event = { type: 'api-key.refused', subject, data: { why }, address } as const
  return noteRefusal(services, { teamId: key?.team_id ?? null, actor: hostler, event, about: why })
}

/** Why a key that is known opens nothing. */
export function whyOf(key: KnownKey | undefined, now: Date): WhyRefused {
  if (!key) return 'unknown'
  const state = stateOf(key, now)
  return state === 'active' ? 'owner-gone' : state
}
