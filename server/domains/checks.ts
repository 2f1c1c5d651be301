import { isIP } from 'node:net'
import { isPublicAddress } from '../platform/outbound/addresses.js'
import type { Services } from '../platform/services.js'
import { serverAddress } from './address.js'
import { challengePath } from './challenge.js'
import { issuersOf } from './dns/issuers.js'
import { type Judgement, judge } from './dns/judge.js'
import { Names } from './dns/lookup.js'
import { proofRecord } from './dns-records.js'
import { claimName } from './held.js'
import * as queries from './held-queries.js'
import { requestServing } from './jobs.js'
import { isWildcard, proofName } from './names.js'
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
  const issuers = issuersOf(services.config.acme, isWildCertificate)
  const judgeBy = (proof: string | null) =>
    judge(seen, { name: domain.name, proof, server: domain.server_name, addresses, issuers, isWildCertificate })
  // Our edge or a sites domain has proven the others.
  const needsRecord = domain.verified_by === null || domain.verified_by === 'dns'
  const first = judgeBy(needsRecord ? proofRecord(domain).value : null)
  const more = domain.verified_at ? [] : await tryToClaim(services, domain, { judgement: first, addresses, names })
  const now = services.clock()
  const verified_at = domain.verified_at ?? (more.some(({ tone }) => tone === 'good') ? now : null)
  // What was just proven without its record needs none.
  const judgement = verified_at !== domain.verified_at && !first.isProven ? judgeBy(null) : first
  await services.db.asSystem((db) =>
    queries.recordCheck(db, domain.id, {
      checked_at: now,
      check_due_at: nextCheck({ ...domain, verified_at }, judgement.isPointing, now),
      findings: JSON.stringify([...more, ...judgement.findings]),
      server_addresses: JSON.stringify(addresses),
    }),
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
  names: Names
}

async function tryToClaim(services: Services, domain: queries.DueDomain, sight: Sight): Promise<Finding[]> {
  const by = sight.judgement.isProven ? 'dns' : (await answersForIt(services, domain, sight)) ? 'http' : null
  if (!by) return []
  switch (await claimName(services, domain, by)) {
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
          title: 'It was proven by somebody else on this panel, this name or one that it overlaps with',
          hint: 'If it is yours, ask who runs the panel.',
        },
      ]
    case 'gone':
      return []
  }
}

/**
 * The name leads to our edge, which alone knows the token. Asked are addresses of the server itself, or public ones: a proxy may
 * stand in front. A page that repeats what it was asked proves nothing, as the token is not in the address.
 */
async function answersForIt(
  services: Services,
  domain: queries.DueDomain,
  { addresses, names }: Sight,
): Promise<boolean> {
  if (domain.edge !== 'caddy' || isWildcard(domain.name)) return false
  const found = await names.addressesOf(domain.name)
  const [address] = found.filter((one) => addresses.includes(one) || isPublicAddress(one))
  if (address === undefined || found.some((one) => !addresses.includes(one) && !isPublicAddress(one))) return false
  try {
    const port = services.config.webPorts?.http ?? 80
    const url = `http://${isIP(address) === 6 ? `[${address}]` : address}:${port}${challengePath(domain.id)}`
    const asked = { method: 'GET', url, headers: { host: domain.name }, allow: address } as const
    const { status, body } = await services.outbound.send(asked)
    return status === 200 && body === domain.token
  } catch (error) {
    services.log.debug({ err: error, domainId: domain.id }, 'nobody answered for a domain')
    return false
  }
}

async function addressesOf(services: Services, names: Names, domain: queries.DueDomain): Promise<string[]> {
  const server = serverAddress({ kind: domain.server_kind, address: domain.server_address }, services.config.baseUrl)
  if (isIP(server)) return [server]
  return server === 'localhost' ? ['127.0.0.1', '::1'] : names.addressesOf(server)
}
