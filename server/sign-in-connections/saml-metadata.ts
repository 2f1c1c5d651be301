import { X509Certificate } from 'node:crypto'
import { parseStringPromise, processors } from 'xml2js'
import { z } from 'zod'
import { FieldError } from '../platform/errors.js'
import { OutboundFault } from '../platform/outbound/fault.js'
import type { Services } from '../platform/services.js'

/** What a provider says of itself: who it is, where people sign in, and with which keys it signs. */
export interface SamlMetadata {
  readonly entityId: string
  readonly ssoUrl: string
  /** As PEM, at most four: two while it changes its key. */
  readonly certificates: readonly string[]
}

const redirect = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect'

/** @param given the document itself, or the address where it is. @throws FieldError for the field `metadata` */
export async function readMetadata(services: Services, given: string): Promise<SamlMetadata> {
  const xml = given.startsWith('<') ? given : await fetched(services, given)
  if (xml.includes('<!DOCTYPE') || xml.includes('<!ENTITY')) throw wrong('The metadata has a DTD, which is not read.')
  const options = { tagNameProcessors: [processors.stripPrefix] }
  const parsed = await parseStringPromise(xml, options).catch(() => null)
  const { data } = Document.safeParse(parsed)
  if (!data) throw wrong('This is no metadata of one SAML identity provider.')
  const { $: entity, IDPSSODescriptor: idp } = data.EntityDescriptor
  const sso = idp.SingleSignOnService.find(({ $ }) => $.Binding === redirect)?.$.Location
  if (sso === undefined) throw wrong('The provider takes no sign-in by HTTP-Redirect.')
  const certificates = idp.KeyDescriptor.filter(({ $ }) => $?.use !== 'encryption').flatMap(certificatesIn)
  if (certificates.length === 0 || certificates.length > 4)
    throw wrong('The metadata has no certificate to sign with, or more than four.')
  return { entityId: entity.entityID, ssoUrl: checked(services, sso), certificates: certificates.map(asPem) }
}

/** What the panel shows of a certificate. */
export function certificateFacts(pem: string): { fingerprint: string; endsAt: Date } {
  const { fingerprint256, validTo } = new X509Certificate(pem)
  return { fingerprint: fingerprint256.replaceAll(':', '').slice(0, 16).toLowerCase(), endsAt: new Date(validTo) }
}

async function fetched({ outbound }: Services, address: string): Promise<string> {
  try {
    const answer = await outbound.send({ method: 'GET', url: address })
    if (answer.status !== 200) throw wrong(`The address answered ${answer.status}.`)
    return answer.body.trim().replace(/^\uFEFF/, '')
  } catch (error) {
    if (error instanceof OutboundFault) throw wrong(error.message)
    throw error
  }
}

/** A browser is sent there, so it has to be a web address; whether we could reach it does not matter. */
function checked({ outbound }: Services, address: string): string {
  try {
    return outbound.check(address).href
  } catch {
    throw wrong('The address where people sign in does not start with https://.')
  }
}

const Certificates = z.object({
  X509Data: z.array(z.object({ X509Certificate: z.array(z.string().or(z.object({ _: z.string() }))) })),
})

const Document = z.object({
  EntityDescriptor: z.object({
    $: z.object({ entityID: z.string().min(1).max(1024) }),
    IDPSSODescriptor: z
      .tuple([
        z.object({
          KeyDescriptor: z.array(
            z.object({ $: z.object({ use: z.string() }).partial().optional(), KeyInfo: z.array(Certificates) }),
          ),
          SingleSignOnService: z.array(
            z.object({ $: z.object({ Binding: z.string(), Location: z.string().max(2000) }) }),
          ),
        }),
      ])
      .transform(([only]) => only),
  }),
})

type Key = z.output<typeof Document>['EntityDescriptor']['IDPSSODescriptor']['KeyDescriptor'][number]

const certificatesIn = ({ KeyInfo: infos }: Key): string[] =>
  infos
    .flatMap(({ X509Data: parts }) => parts.flatMap(({ X509Certificate: texts }) => texts))
    .map((text) => (typeof text === 'string' ? text : text._))

function asPem(base64: string): string {
  try {
    return new X509Certificate(Buffer.from(base64.replaceAll(/\s/g, ''), 'base64')).toString()
  } catch {
    throw wrong('A certificate in the metadata cannot be read.')
  }
}

const wrong = (message: string) => new FieldError('metadata', message)
