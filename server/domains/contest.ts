import type { Services } from '../platform/services.js'
import type { Names } from './dns/lookup.js'
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
export async function takeOver(services: Services, domain: queries.DueDomain, names: Names): Promise<Claim> {
  const holders = await services.db.asSystem((db) => queries.holdersOf(db, domain))
  for (const holder of holders) if (await stillProves(services, holder, names)) return 'taken'
  return claimName(services, domain, 'dns', holders)
}

/** By its record, by its edge that answers, or because visitors come to its server. Silence proves nothing against anybody. */
async function stillProves(services: Services, holder: queries.DueDomain, names: Names): Promise<boolean> {
  const { proof, a, aaaa } = await names.lookAt(holder.name, proofName(holder.name))
  const answers = [proof, a, aaaa]
  if (answers.some(({ kind }) => kind !== 'records' && kind !== 'none' && kind !== 'nxdomain')) return true
  if (proof.kind === 'records' && proof.records.includes(proofRecord(holder).value)) return true
  const addresses = [...(await addressesOf(services, names, holder)), ...serverAddresses(holder)]
  const found = [a, aaaa].flatMap((answer) => (answer.kind === 'records' ? answer.records : []))
  if (found.length > 0 && addresses.length === 0) return true
  if (found.some((address) => addresses.includes(address))) return true
  return answersForIt(services, holder, { addresses, names })
}
