import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { rootCertificates } from 'node:tls'
import { FieldError } from '../../platform/errors.js'
import type { Secret } from '../../platform/secret.js'
import { isWildcard, parentOf } from '../names.js'

/** What a certificate has to be before visitors are shown it. Pure. */

export interface Checked {
  /** PEM in the order in which it is shown, and nothing else that was pasted with it. */
  chain: string
  issuer: string
  beginsAt: Date
  endsAt: Date
}

const mostCertificates = 10
const leastRsaBits = 2048

/** @throws FieldError that says what is wrong with which of the two */
export function checkCertificate(given: { chain: string; privateKey: Secret }, name: string, now: Date): Checked {
  const chain = parseChain(given.chain)
  const [leaf] = chain
  if (!leaf) throw new FieldError('chain', 'Paste the certificate as PEM: it begins with -----BEGIN CERTIFICATE-----')
  checkKey(leaf, parseKey(given.privateKey))
  checkOrder(chain)
  for (const [index, certificate] of chain.entries()) checkDates(certificate, index, now)
  // Names of a subject alone count for no browser any more.
  const asked = isWildcard(name) ? `some-name-below.${parentOf(name)}` : name
  if (leaf.checkHost(asked, { subject: 'never' }) === undefined)
    throw new FieldError('chain', `The certificate is not for ${name}, but for ${namesOf(leaf)}`)
  return {
    chain: chain.map((certificate) => certificate.toString()).join(''),
    issuer: issuerOf(leaf),
    beginsAt: new Date(leaf.validFrom),
    endsAt: new Date(leaf.validTo),
  }
}

/**
 * Browsers fetch nothing that is missing: a chain ends in a root that is given with it, as those of a company's own, or below one that they
 * know by themselves. @throws FieldError that says what is missing
 */
export function refuseHalfChain(text: string, roots: readonly string[] = rootCertificates): void {
  const chain = parseChain(text)
  const last = chain.at(-1)
  if (!last || isSignedBy(last, last)) return
  if (roots.some((root) => isSignedBy(last, new X509Certificate(root)))) return
  throw new FieldError(
    'chain',
    `The chain is not whole: the ${nth(chain.length)} is missing, that of “${issuerOf(last)}”. Paste what your CA calls the intermediate or the chain after it; for a CA of your own its root, too`,
  )
}

const isSignedBy = (certificate: X509Certificate, by: X509Certificate): boolean =>
  certificate.checkIssued(by) && certificate.verify(by.publicKey)

function parseChain(text: string): X509Certificate[] {
  if (/PRIVATE KEY-----/.test(text))
    throw new FieldError('chain', 'A private key is in here. It belongs into the other field')
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
  if (blocks.length > mostCertificates)
    throw new FieldError('chain', `A chain has at most ${mostCertificates} certificates`)
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(block)
    } catch {
      throw new FieldError('chain', `The ${nth(index)} certificate cannot be read. Paste it once more, whole`)
    }
  })
}

function parseKey(key: Secret): KeyObject {
  const text = key.reveal()
  if (/ENCRYPTED/.test(text))
    throw new FieldError(
      'privateKey',
      'The key has a passphrase. Take that off first: “openssl pkey -in key.pem -out plain.pem”',
    )
  try {
    return createPrivateKey(text)
  } catch {
    throw new FieldError('privateKey', 'Paste the private key as PEM: it begins with -----BEGIN PRIVATE KEY-----')
  }
}

function checkKey(leaf: X509Certificate, key: KeyObject): void {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key
  if (type !== 'rsa' && type !== 'ec')
    throw new FieldError('privateKey', 'Browsers take RSA and elliptic curve keys alone')
  if (type === 'rsa' && (details?.modulusLength ?? 0) < leastRsaBits)
    throw new FieldError('privateKey', `The key is too short: an RSA key has at least ${leastRsaBits} bits`)
  if (!leaf.checkPrivateKey(key))
    throw new FieldError(
      'privateKey',
      'The key does not belong to the first certificate. The site’s own certificate goes first',
    )
}

function checkOrder(chain: readonly X509Certificate[]): void {
  for (const [index, certificate] of chain.entries()) {
    const next = chain[index + 1]
    if (next && !isSignedBy(certificate, next))
      throw new FieldError(
        'chain',
        `The ${nth(index)} certificate was not signed by the one after it. Paste them in that order`,
      )
  }
}

function checkDates(certificate: X509Certificate, index: number, now: Date): void {
  const [begins, ends] = [new Date(certificate.validFrom), new Date(certificate.validTo)]
  if (ends <= now) throw new FieldError('chain', `The ${nth(index)} certificate has ended on ${day(ends)}`)
  if (begins > now) throw new FieldError('chain', `The ${nth(index)} certificate begins on ${day(begins)}`)
}

const day = (time: Date): string => time.toISOString().slice(0, 10)

const nth = (index: number): string => ['first', 'second', 'third'][index] ?? `${index + 1}th`

const namesOf = (leaf: X509Certificate): string =>
  (leaf.subjectAltName ?? '').replaceAll('DNS:', '').slice(0, 200) || 'no name at all'

function issuerOf(leaf: X509Certificate): string {
  const fields = Object.fromEntries(leaf.issuer.split('\n').map((line) => line.split(/=(.*)/s).slice(0, 2)))
  return [fields.O, fields.CN].filter(Boolean).join(', ').slice(0, 200) || 'unknown'
}
