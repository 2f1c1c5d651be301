import { type CacheProvider, SAML, ValidateInResponseTo } from '@node-saml/node-saml'
import { parseStringPromise, processors } from 'xml2js'
import type { z } from 'zod'
import type { Proof } from '../identities/identities.js'
import { Email } from '../users/users.js'
import { Refused } from './rules.js'
import { Assertion, Envelope, readDocument, refused } from './saml-document.js'

/** What is known of a provider, and what we are called there. */
export interface SamlParties {
  readonly entityId: string
  readonly ssoUrl: string
  readonly certificates: readonly string[]
  readonly ownId: string
  readonly acsUrl: string
}

/** Whether a request of that id is still waited for. It is used up by who keeps the proof, not by a look. */
export type IsWaited = (requestId: string) => Promise<boolean>

const skewMs = 60_000
const longestMs = 10 * 60_000

/** Where the browser is sent to, with a request of that id. */
export const requestUrl = (parties: SamlParties, requestId: string, relayState: string): Promise<string> =>
  library(parties, async () => true, requestId).getAuthorizeUrlAsync(relayState, undefined, {})

export const ownMetadata = (parties: Pick<SamlParties, 'ownId' | 'acsUrl'>): string =>
  library(
    { ...parties, entityId: '', ssoUrl: '', certificates: ['none'] },
    async () => false,
  ).generateServiceProviderMetadata(null)

/**
 * Who an answer is about. Only the bytes that the provider's pinned key has signed are believed: its assertion names us as
 * audience and recipient, and the request that it answers, which is waited for. @throws Refused
 */
export async function proveSaml(
  parties: SamlParties,
  { response, requestId, isWaited }: { response: string; requestId: string; isWaited: IsWaited },
): Promise<Proof> {
  const xml = readDocument(response)
  try {
    await checkEnvelope(parties, xml, requestId)
    const { profile } = await library(parties, isWaited).validatePostResponseAsync({ SAMLResponse: response })
    if (!profile?.getAssertion) throw refused('no assertion')
    return proofOf(parties, Assertion.parse(profile.getAssertion()).Assertion, requestId)
  } catch (error) {
    if (error instanceof Refused) throw error
    throw new Refused('not-proven', 'signature, time or audience', { cause: error })
  }
}

async function checkEnvelope({ entityId, acsUrl }: SamlParties, xml: string, requestId: string): Promise<void> {
  const { data } = Envelope.safeParse(await parseStringPromise(xml, { tagNameProcessors: [processors.stripPrefix] }))
  if (!data) throw refused('no response to a request')
  const { $: said, Issuer: issuer } = data.Response
  if (said.InResponseTo !== requestId) throw refused('another request')
  if (said.Destination !== undefined && said.Destination !== acsUrl) throw refused('another destination')
  if (issuer !== undefined && issuer !== entityId) throw refused('another issuer')
}

function proofOf(
  { entityId, acsUrl }: SamlParties,
  assertion: z.output<typeof Assertion>['Assertion'],
  requestId: string,
): Proof {
  const { NameID: nameId, SubjectConfirmation: confirmation } = assertion.Subject
  const { Recipient: recipient, InResponseTo: inResponseTo } = confirmation.SubjectConfirmationData.$
  if (assertion.Issuer !== entityId) throw refused('another issuer')
  if (recipient !== acsUrl) throw refused('another recipient')
  if (inResponseTo !== requestId) throw refused('another request')
  if (nameId.$?.Format === 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient') throw refused('a passing name')

  const attributes = attributesOf(assertion)
  const named = (names: readonly string[]) => names.map((name) => attributes.get(name)).find(Boolean)
  const email = Email.safeParse(named(emailNames) ?? nameId._).data ?? null
  // The provider is the team's own, and its word counts for addresses of domains that the team has proven alone.
  return { subject: nameId._, email, isEmailVerified: email !== null, name: named(nameNames) ?? null }
}

function attributesOf({
  AttributeStatement: statements = [],
}: z.output<typeof Assertion>['Assertion']): Map<string, string> {
  const found = statements.flatMap((statement) => (typeof statement === 'string' ? [] : (statement.Attribute ?? [])))
  return new Map(
    found.flatMap(({ $: { Name: name }, AttributeValue: [value] = [] }) => {
      const said = typeof value === 'string' ? value : (value as { _?: unknown } | undefined)?._ // `as`: how the parser writes texts with attributes
      return typeof said === 'string' ? [[name, said] as const] : []
    }),
  )
}

const emailNames = [
  'email',
  'mail',
  'urn:oid:0.9.2342.19200300.100.1.3',
  'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress',
]
const nameNames = [
  'displayName',
  'name',
  'urn:oid:2.16.840.1.113730.3.1.241',
  'http://schemas.microsoft.com/identity/claims/displayname',
]

function library(parties: SamlParties, isWaited: IsWaited, requestId = ''): SAML {
  return new SAML({
    ...{ entryPoint: parties.ssoUrl, idpIssuer: parties.entityId, idpCert: [...parties.certificates] },
    ...{ issuer: parties.ownId, audience: parties.ownId, callbackUrl: parties.acsUrl },
    // Many sign the assertion alone. All that is believed stands in it; of the envelope nothing is.
    ...{ wantAssertionsSigned: true, wantAuthnResponseSigned: false },
    ...{ signatureAlgorithm: 'sha256', digestAlgorithm: 'sha256' },
    ...{ identifierFormat: null, disableRequestedAuthnContext: true, allowCreate: true },
    ...{ acceptedClockSkewMs: skewMs, maxAssertionAgeMs: longestMs, requestIdExpirationPeriodMs: longestMs },
    ...{ validateInResponseTo: ValidateInResponseTo.always, cacheProvider: waitedRequests(isWaited) },
    generateUniqueId: () => requestId,
  })
}

/** The requests are the flows in the database: begun there before, and used up there afterwards, in one statement. */
const waitedRequests = (isWaited: IsWaited): CacheProvider => ({
  saveAsync: async (_key, value) => ({ value, createdAt: Date.now() }),
  // The library reads the time of a request in it; how long one is good for is decided by whoever waits.
  getAsync: async (key) => ((await isWaited(key)) ? new Date().toISOString() : null),
  removeAsync: async () => null,
})
