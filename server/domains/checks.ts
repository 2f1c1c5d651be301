import type { Services } from '../platform/services.js'
import { contest } from './contest.js'
import { caaIssuersOf } from './dns/issuers.js'
import { type Judgement, judge } from './dns/judge.js'
import { Names, type Seen } from './dns/lookup.js'
import { proofRecord } from './dns-records.js'
import { claimName } from './held.js'
import * as queries from './held-queries.js'
import { requestServing } from './jobs.js'
import { isWildcard, proofName } from './names.js'
import { addressesOf, answersForIt } from './reaching.js'
import { nextCheck } from './rules.js'
import type { Finding } from './schema.js'

/** What the world sees of domains, looked at by the worker and written down. */

/** A worker that is killed in between leaves them to others after so long. */
const takenForMs = 2 * 60_000

export const takeDueDomains = (services: Services, limit: number): Promise<queries.DueDomain[]> => {
  const now = services.clock()
  return services.db.asSystem((db) => queries.takeDue(db, now, new Date(now.getTime() + takenForMs), limit))
}

/** Looks at its DNS, and makes it the site's when it is proven there or by what answers under the name. */
export async function checkDomain(services: Services, domain: queries.DueDomain): Promise<Judgement> {
  const names = new Names(services.config.resolvers)
  const addresses = await addressesOf(services, names, domain)
  const seen = await names.lookAt(domain.name, proofName(domain.name))
  // The names of a sites domain have one each, unless it is obtained for all of them.
  const isWildCertificate = isWildcard(domain.name) && (domain.server_id === null || domain.is_by_dns)
  const issuers = caaIssuersOf(services.config.acme, isWildCertificate)
  const judgeBy = (proof: string | null) =>
    judge(seen, { name: domain.name, proof, server: domain.server_name, addresses, issuers, isWildCertificate })
  // Our edge or a sites domain has proven the others.
  const needsRecord = domain.verified_by === null || domain.verified_by === 'dns'
  const first = judgeBy(needsRecord ? proofRecord(domain).value : null)
  const more = domain.verified_at
    ? []
    : await tryToClaim(services, domain, { judgement: first, addresses, seen, names })
  const now = services.clock()
  const verified_at = domain.verified_at ?? (more.some(({ tone }) => tone === 'good') ? now : null)
  // What was just proven without its record needs none.
  const judgement = verified_at !== domain.verified_at && !first.isProven ? judgeBy(null) : first
  await services.db.asSystem((db) =>
    queries.recordCheck(
      db,
      { id: domain.id, verified_at },
      {
        checked_at: now,
        check_due_at: nextCheck({ ...domain, verified_at }, judgement.isPointing, now),
        findings: JSON.stringify([...more, ...judgement.findings]),
        server_addresses: JSON.stringify(addresses),
      },
    ),
  )
  if (verified_at !== domain.verified_at)
    await services.queue
      .enqueue(requestServing, {})
      .catch((error) => services.log.warn({ err: error }, 'could not ring'))
  return judgement
}

interface Sight {
  judgement: Judgement
  addresses: readonly string[]
  seen: Seen
  names: Names
}

async function tryToClaim(services: Services, domain: queries.DueDomain, sight: Sight): Promise<Finding[]> {
  const isByEdge = !sight.judgement.isProven && (await answersForIt(services, domain, sight)) === 'yes'
  const by = sight.judgement.isProven ? 'dns' : isByEdge ? 'http' : null
  if (!by) return []
  const claim = await claimName(services, domain, by)
  switch (claim === 'taken' && by === 'dns' ? await contest(services, domain, sight.names) : claim) {
    case 'held':
      return [
        {
          tone: 'good',
          title: by === 'dns' ? 'It is proven by DNS' : 'It is proven: our edge answers by this name',
          hint: null,
        },
      ]
    case 'taken':
      return [
        {
          tone: 'bad',
          title: 'It is held by somebody else on this panel, this name or one that it overlaps with',
          hint: heldHint(by),
        },
      ]
    case 'gone':
      return []
  }
}

const heldHint = (by: 'dns' | 'http'): string =>
  by === 'dns'
    ? 'It becomes yours once its holder no longer proves it: remove other “hostler=” records beside yours, and have the name lead to your server, as shown above. Where that is not for you to do, ask who runs the panel.'
    : 'If it is yours, set the TXT record that is shown above.'
