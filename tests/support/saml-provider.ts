import { randomBytes, X509Certificate } from 'node:crypto'
import { inflateRawSync } from 'node:zlib'
import { SignedXml } from 'xml-crypto'
import { makeCertificate } from './certificates.js'

/** A SAML identity provider that says whatever a test wants, signed with its key or another. */
export interface SamlParts {
  readonly id: string
  readonly responseId: string
  readonly subject: string
  readonly issuer: string
  readonly audience: string
  readonly recipient: string
  readonly destination: string | null
  readonly inResponseTo: string | null
  readonly notBefore: Date
  readonly notOnOrAfter: Date
  readonly format: string
  readonly attributes: Readonly<Record<string, string>>
}

export interface SamlKey {
  readonly key: string
  readonly certificate: string
}

export const entityId = 'https://idp.example.com/saml'

export const samlKey = (): SamlKey => {
  const { certificate, key } = makeCertificate({ names: ['idp.example.com'], kind: 'rsa:2048' })
  return { key, certificate }
}

export const metadataOf = (...keys: SamlKey[]): string =>
  `<?xml version="1.0"?><md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${entityId}">` +
  `<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">${keys
    .map(
      ({ certificate }) =>
        `<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${bare(certificate)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`,
    )
    .join(
      '',
    )}<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example.com/sso"/>` +
  '</md:IDPSSODescriptor></md:EntityDescriptor>'

const bare = (pem: string): string => new X509Certificate(pem).raw.toString('base64')

/** As it should be for that request. */
export function partsFor(request: { id: string; acs: string; issuer: string }, subject: string): SamlParts {
  const now = Date.now()
  const id = () => `_${randomBytes(16).toString('hex')}`
  return {
    ...{ id: id(), responseId: id(), subject, issuer: entityId, audience: request.issuer },
    ...{ recipient: request.acs, destination: request.acs, inResponseTo: request.id },
    ...{ notBefore: new Date(now - 30_000), notOnOrAfter: new Date(now + 300_000) },
    ...{ format: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent', attributes: {} },
  }
}

/** What a browser is sent to the provider with. */
export function requestIn(url: URL): { id: string; acs: string; issuer: string; relayState: string } {
  const xml = inflateRawSync(Buffer.from(url.searchParams.get('SAMLRequest') ?? '', 'base64')).toString()
  const named = (pattern: RegExp) => pattern.exec(xml)?.[1] ?? ''
  return {
    id: named(/ ID="([^"]*)"/),
    acs: named(/AssertionConsumerServiceURL="([^"]*)"/),
    issuer: named(/Issuer[^>]*>([^<]*)</),
    relayState: url.searchParams.get('RelayState') ?? '',
  }
}

const saml = 'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'

export const assertionOf = (parts: SamlParts): string =>
  `<saml:Assertion ${saml} ID="${parts.id}" Version="2.0" IssueInstant="${new Date().toISOString()}">` +
  `<saml:Issuer>${parts.issuer}</saml:Issuer>` +
  `<saml:Subject><saml:NameID Format="${parts.format}">${parts.subject}</saml:NameID>` +
  '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">' +
  `<saml:SubjectConfirmationData${parts.inResponseTo === null ? '' : ` InResponseTo="${parts.inResponseTo}"`} NotOnOrAfter="${parts.notOnOrAfter.toISOString()}" Recipient="${parts.recipient}"/>` +
  '</saml:SubjectConfirmation></saml:Subject>' +
  `<saml:Conditions NotBefore="${parts.notBefore.toISOString()}" NotOnOrAfter="${parts.notOnOrAfter.toISOString()}">` +
  `<saml:AudienceRestriction><saml:Audience>${parts.audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions>` +
  `<saml:AuthnStatement AuthnInstant="${new Date().toISOString()}"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>` +
  `<saml:AttributeStatement>${Object.entries(parts.attributes)
    .map(
      ([name, value]) =>
        `<saml:Attribute Name="${name}"><saml:AttributeValue>${value}</saml:AttributeValue></saml:Attribute>`,
    )
    .join('')}</saml:AttributeStatement></saml:Assertion>`

export const responseOf = (parts: SamlParts, ...inside: string[]): string =>
  `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ${saml} ID="${parts.responseId}" Version="2.0" IssueInstant="${new Date().toISOString()}"` +
  `${parts.destination === null ? '' : ` Destination="${parts.destination}"`}${parts.inResponseTo === null ? '' : ` InResponseTo="${parts.inResponseTo}"`}>` +
  `<saml:Issuer>${parts.issuer}</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>` +
  `${inside.join('')}</samlp:Response>`

export interface How {
  readonly algorithm?: string
  readonly digest?: string
  readonly withKeyInfo?: boolean
}

/** Signs the element of that name, which has to be there once. */
export function signed(
  xml: string,
  name: 'Assertion' | 'Response',
  { key, certificate }: SamlKey,
  how: How = {},
): string {
  const path = `//*[local-name(.)='${name}']`
  const signer = new SignedXml({
    privateKey: key,
    publicCert: certificate,
    signatureAlgorithm: how.algorithm ?? 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    canonicalizationAlgorithm: 'http://www.w3.org/2001/10/xml-exc-c14n#',
    ...(how.withKeyInfo ? {} : { getKeyInfoContent: () => null }),
  })
  signer.addReference({
    xpath: path,
    digestAlgorithm: how.digest ?? 'http://www.w3.org/2001/04/xmlenc#sha256',
    transforms: ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', 'http://www.w3.org/2001/10/xml-exc-c14n#'],
  })
  signer.computeSignature(xml, { location: { reference: `${path}/*[local-name(.)='Issuer']`, action: 'after' } })
  return signer.getSignedXml()
}

/** A response with one assertion, which is signed. */
export const answerOf = (parts: SamlParts, key: SamlKey, how: How = {}): string =>
  responseOf(parts, signed(assertionOf(parts), 'Assertion', key, how))
