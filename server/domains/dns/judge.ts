import type { CaaRecord } from 'node:dns'
import { isIP } from 'node:net'
import { spelled } from '../../platform/outbound/addresses.js'
import { isApex, proofName } from '../names.js'
import type { Finding } from '../schema.js'
import { type Answer, addressesIn, type Seen } from './lookup.js'

/** What is right and what is wrong in DNS, in words. Pure. */

export interface Wanted {
  name: string
  /** The value of the TXT record that proves it; null where none has to. */
  proof: string | null
  /** Whether one is made for the wildcard itself, in place of one for each name. */
  isWildCertificate: boolean
  /** Of the server, as people call it. */
  server: string
  /** Empty where they could not be found out. */
  addresses: readonly string[]
  /** Who may have to make a certificate, by the names in CAA records; null when that is not known. */
  issuers: readonly string[] | null
}

export interface Judgement {
  isProven: boolean
  /** Visitors come to the server, and to nothing else. */
  isPointing: boolean
  findings: Finding[]
}

export function judge(seen: Seen, wanted: Wanted): Judgement {
  const isProven = wanted.proof !== null && seen.proof.kind === 'records' && seen.proof.records.includes(wanted.proof)
  const way = judgeWay(seen, wanted)
  const findings = [
    ...(wanted.proof === null ? [] : [judgeProof(seen.proof, wanted, isProven)]),
    ...way,
    ...judgeCname(seen, wanted),
    ...judgeCaa(seen.caa, wanted),
  ]
  return { isProven, isPointing: way.every(({ tone }) => tone === 'good'), findings }
}

function judgeProof(proof: Answer<string>, { name }: Wanted, isProven: boolean): Finding {
  const where = proofName(name)
  if (isProven) return good(`The proof at ${where} is there`)
  if (proof.kind === 'records')
    return bad(`${where} has a TXT record, but not the one that proves the name`, 'Set its value as it is shown above.')
  if (proof.kind === 'none' || proof.kind === 'nxdomain')
    return warning(
      `There is no TXT record at ${where}`,
      'Set it as it is shown above. A new record can take some minutes to be seen.',
    )
  return silence(where, proof.kind)
}

/** The addresses that visitors get. */
function judgeWay(seen: Seen, wanted: Wanted): Finding[] {
  const { name, addresses, server } = wanted
  if (seen.a.kind === 'nxdomain')
    return [
      bad(
        `${name} does not exist in DNS (NXDOMAIN)`,
        'Set the records above. A new name can take some minutes to be seen.',
      ),
    ]
  for (const { kind } of [seen.a, seen.aaaa])
    if (kind !== 'records' && kind !== 'none' && kind !== 'nxdomain') return [silence(name, kind)]
  const found = addressesIn(seen)
  if (found.length === 0)
    return [bad(`${name} has no A or AAAA record`, `Set the records above, so that visitors find ${server}.`)]
  if (addresses.length === 0)
    return [
      warning(
        `${name} points at ${found.join(', ')}, and Hostler does not know the address of ${server}`,
        'Compare it yourself: the address of the server is on its page.',
      ),
    ]
  return judgeAddresses(wanted, found)
}

function judgeAddresses({ name, addresses, server }: Wanted, found: readonly string[]): Finding[] {
  const ours = new Set(addresses.map(spelled))
  const elsewhere = found.filter((address) => !ours.has(spelled(address)))
  if (elsewhere.length === 0) return [good(`${name} points at ${server} (${found.join(', ')})`)]
  if (elsewhere.length === found.length)
    return [
      bad(
        `${name} points elsewhere: ${elsewhere.join(', ')}`,
        `Change it to ${addresses.join(' or ')}. If a proxy stands in front on purpose, it has to pass requests on to that.`,
      ),
    ]
  return elsewhere.map((address) =>
    isIP(address) === 6
      ? bad(
          `An AAAA record is left over: ${address}`,
          `Remove it, or set it to an IPv6 address of ${server}: many visitors, and who makes certificates, try IPv6 first.`,
        )
      : bad(`Another A record points elsewhere: ${address}`, 'Remove it: every other visitor would go there.'),
  )
}

/** DNS has no room for a CNAME beside the records that every apex has. */
const judgeCname = ({ cname }: Seen, { name }: Wanted): Finding[] =>
  cname.kind === 'records' && isApex(name)
    ? [
        bad(
          `${name} has a CNAME record, which a name that was registered as such may not have`,
          'Set an A record (or ALIAS or ANAME, if your DNS host has them) instead: mail and certificates fail with a CNAME there.',
        ),
      ]
    : []

function judgeCaa(caa: Answer<CaaRecord>, { name, issuers, isWildCertificate }: Wanted): Finding[] {
  if (caa.kind !== 'records')
    return caa.kind === 'servfail'
      ? [
          bad(
            `The CAA records of ${name} cannot be read (SERVFAIL)`,
            'Who makes certificates refuses then. Ask your DNS host.',
          ),
        ]
      : []
  const allowed = allowedIssuers(caa.records, isWildCertificate)
  if (allowed === null || issuers?.some((issuer) => allowed.includes(issuer))) return []
  if (allowed.length > 0 && issuers === null) return []
  const whom = allowed.length > 0 ? `only allows ${allowed.join(', ')}` : 'allows nobody'
  const tag = isWildCertificate && caa.records.some(({ issuewild }) => issuewild !== undefined) ? 'issuewild' : 'issue'
  const fix = issuers
    ? `Add a CAA record with: ${tag} "${issuers[0]}"`
    : 'Add a CAA record for who makes your certificates'
  return [bad(`A CAA record ${whom} to make certificates for ${name}`, `${fix}, or remove the CAA records.`)]
}

/** Null when anybody may. For a wildcard `issuewild` counts alone, where there is one. */
function allowedIssuers(records: readonly CaaRecord[], forWildcard: boolean): string[] | null {
  const values = (tag: 'issue' | 'issuewild') =>
    records.flatMap((record) => (record[tag] === undefined ? [] : [(record[tag].split(';')[0] ?? '').trim()]))
  const wild = forWildcard ? values('issuewild') : []
  const relevant = wild.length > 0 ? wild : values('issue')
  return relevant.length === 0 ? null : relevant.filter((issuer) => issuer !== '')
}

function silence(name: string, kind: Exclude<Answer<never>['kind'], 'records' | 'none' | 'nxdomain'>): Finding {
  switch (kind) {
    case 'servfail':
      return bad(
        `The DNS servers of ${name} fail (SERVFAIL)`,
        'The zone is broken or not there where the registrar says it is. Ask your DNS host; after a move, DNSSEC is often the reason.',
      )
    case 'refused':
      return bad(
        `The resolver refuses to answer for ${name}`,
        'The name servers do not know the zone, or the operator’s resolver lets Hostler in no more.',
      )
    case 'timeout':
      return warning(
        `Nobody answered for ${name} in time`,
        'Try again in a minute. If it goes on, the name servers of the zone are out of reach.',
      )
    case 'unreachable':
      return warning(
        'No resolver could be reached',
        'The machine of the panel has no DNS just now. Tell who runs the panel.',
      )
  }
}

const good = (title: string): Finding => ({ tone: 'good', title, hint: null })
const warning = (title: string, hint: string): Finding => ({ tone: 'warning', title, hint })
const bad = (title: string, hint: string): Finding => ({ tone: 'bad', title, hint })
