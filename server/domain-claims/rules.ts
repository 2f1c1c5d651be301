import type { DomainClaimsRow } from '../platform/db/tables.js'

const hour = 3600_000
const day = 24 * hour

/** A record that vanishes by mistake, or while a zone moves, costs nobody their domain. */
export const graceMs = 3 * day

export type Sight = 'there' | 'gone' | 'unsaid'

export const recordName = (name: string): string => `_hostler-sign-in.${name}`

export const nextCheck = ({ proven_at: provenAt, created_at: createdAt }: Dated, now: Date): Date =>
  new Date(now.getTime() + (provenAt ? 6 * hour : now.getTime() - createdAt.getTime() < day ? hour / 12 : 6 * hour))

type Dated = Pick<DomainClaimsRow, 'proven_at' | 'created_at'>

/** What a look means for a claim, and for who holds the name so far; `holder` is null where nobody else does. */
export type Verdict = 'proven' | 'takes-over' | 'held' | 'kept' | 'missing' | 'lost' | 'not-there' | 'unsaid'

export function verdictOf(
  claim: Pick<DomainClaimsRow, 'proven_at' | 'missing_since'>,
  seen: Sight,
  holder: Sight | null,
  now: Date,
): Verdict {
  if (seen === 'unsaid') return 'unsaid'
  if (claim.proven_at !== null) {
    if (seen === 'there') return 'kept'
    const isOver = claim.missing_since !== null && now.getTime() - claim.missing_since.getTime() >= graceMs
    return isOver ? 'lost' : 'missing'
  }
  if (seen === 'gone') return 'not-there'
  if (holder === null) return 'proven'
  // Only a sure answer takes a name from who has it: a name server that is down proves nothing.
  return holder === 'gone' ? 'takes-over' : 'held'
}
