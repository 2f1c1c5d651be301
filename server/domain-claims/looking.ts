import { Names } from '../domains/domains.js'
import { hostler } from '../platform/access/ctx.js'
import type { TransactionOf } from '../platform/db/doors.js'
import type { DomainClaimsRow } from '../platform/db/tables.js'
import { appendInTeam } from '../platform/events/append.js'
import { Secret } from '../platform/secret.js'
import type { Services } from '../platform/services.js'
import * as queries from './queries.js'
import { nextCheck, recordName, type Sight, type Verdict, verdictOf } from './rules.js'

type System = TransactionOf<'system'>

/** The record that proves a domain to be a team's. The same again when a claim is removed and comes back. */
export const recordOf = ({ vault }: Services, { team_id: teamId, name }: Pick<DomainClaimsRow, 'team_id' | 'name'>) => {
  const token = vault.digest(new Secret(name), `domain claim ${teamId}`).toString('base64url').slice(0, 32)
  return { name: recordName(name), value: `hostler-team=${token}` }
}

/** Looks at the DNS, and gives the domain to whom that says. Its holder is asked too where somebody else proves it. */
export async function settle(services: Services, claim: DomainClaimsRow): Promise<Verdict> {
  const holder = await services.db.asSystem((db) => queries.holderOf(db, claim))
  const seen = await sightOf(services, claim)
  const ofHolder = holder && seen === 'there' ? await sightOf(services, holder) : null
  const now = services.clock()
  const verdict = verdictOf(claim, seen, holder ? (ofHolder ?? 'there') : null, now)
  const isSettled = await services.db.asSystem(async (db) => {
    await queries.lockName(db, claim.name)
    const isSame = (await queries.holderOf(db, claim))?.id === holder?.id
    if (isSame) await write(db, claim, holder, verdict, now)
    return isSame
  })
  // Somebody else has come to hold it meanwhile, or holds it no longer.
  return isSettled ? verdict : settle(services, claim)
}

async function sightOf(services: Services, claim: DomainClaimsRow): Promise<Sight> {
  const { name, value } = recordOf(services, claim)
  const answer = await new Names(services.config.resolvers).texts(name)
  if (answer.kind === 'records') return answer.records.includes(value) ? 'there' : 'gone'
  return answer.kind === 'none' || answer.kind === 'nxdomain' ? 'gone' : 'unsaid'
}

async function write(
  db: System,
  claim: DomainClaimsRow,
  holder: DomainClaimsRow | undefined,
  verdict: Verdict,
  now: Date,
): Promise<void> {
  if (verdict === 'takes-over' && holder && (await lose(db, holder, now)))
    await tell(db, holder, 'domain-claim.lost', now)
  const isNew = verdict === 'proven' || verdict === 'takes-over'
  const provenAt = isNew ? now : verdict === 'lost' ? null : claim.proven_at
  const isWritten = await queries.updateClaim(db, claim, {
    ...{ proven_at: provenAt, checked_at: now },
    // An answer that did not come says nothing new.
    missing_since:
      verdict === 'missing' ? (claim.missing_since ?? now) : verdict === 'unsaid' ? claim.missing_since : null,
    fault: verdict === 'held' || verdict === 'not-there' || verdict === 'unsaid' ? verdict : null,
    check_due_at: nextCheck({ ...claim, proven_at: provenAt }, now),
  })
  if (isWritten && isNew) await tell(db, claim, 'domain-claim.proven', now)
  if (isWritten && verdict === 'lost') await tell(db, claim, 'domain-claim.lost', now)
}

const lose = (db: System, holder: DomainClaimsRow, now: Date): Promise<boolean> =>
  queries.updateClaim(db, holder, { proven_at: null, missing_since: null, fault: 'not-there', checked_at: now })

const tell = (
  db: System,
  { id, team_id, name }: DomainClaimsRow,
  type: 'domain-claim.proven' | 'domain-claim.lost',
  now: Date,
) => appendInTeam(db, team_id, hostler, { type, subject: { kind: 'domain-claim', id }, data: { name } }, now)
