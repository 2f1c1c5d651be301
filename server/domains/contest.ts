import { spelled } from '../platform/outbound/addresses.js'
import type { Services } from '../platform/services.js'
import { addressesIn, isSilent, isUnsaid, type Names } from './dns/lookup.js'
import { proofRecord } from './dns-records.js'
import { type Claim, claimName } from './held.js'
import * as queries from './held-queries.js'
import { proofName } from './names.js'
import { addressesOf, answersForIt } from './reaching.js'
import { serverAddresses } from './views.js'

/**
 * Whose a name is that one team holds and another has just proven by a record in DNS: who set that has the name, unless its holder
 * still proves it. Names change hands, and who had one before would keep it for ever.
 */
export async function contest(services: Services, domain: queries.DueDomain, names: Names): Promise<Claim> {
  const holders = await services.db.asSystem((db) => queries.holdersOf(db, domain))
  for (const holder of holders) if (await stillProves(services, holder, names)) return 'taken'
  return claimName(services, domain, 'dns', holders)
}

/** By its record, by its edge that answers, or because visitors come to its server. What may be a passing fault counts against nobody. */
async function stillProves(services: Services, holder: queries.DueDomain, names: Names): Promise<boolean> {
  const seen = await names.lookAt(holder.name, proofName(holder.name))
  const { proof } = seen
  if (isUnsaid(proof) || isSilent(seen)) return true
  if (proof.kind === 'records' && proof.records.includes(proofRecord(holder).value)) return true
  const addresses = [...(await addressesOf(services, names, holder)), ...serverAddresses(holder)]
  const found = addressesIn(seen)
  if (found.length > 0 && addresses.length === 0) return true
  const ours = new Set(addresses.map(spelled))
  if (found.some((address) => ours.has(spelled(address)))) return true
  return (await answersForIt(services, holder, { addresses, seen })) !== 'no'
}
