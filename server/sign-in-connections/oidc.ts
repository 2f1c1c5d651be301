import * as openid from 'openid-client'
import type { Flow, Proof } from '../identities/identities.js'
import { FieldError } from '../platform/errors.js'
import { OutboundFault } from '../platform/outbound/fault.js'
import { Secret } from '../platform/secret.js'
import type { Services } from '../platform/services.js'
import { Email } from '../users/users.js'
import { outboundFetch } from './outbound-fetch.js'
import { Refused } from './rules.js'

/** What is known of a provider and of us at it. */
export interface OidcClient {
  readonly metadata: openid.ServerMetadata
  readonly clientId: string
  readonly clientSecret: Secret
}

/** @throws FieldError for the field `issuer` */
export async function discover(services: Services, issuer: string): Promise<openid.ServerMetadata> {
  const { fetch, fault } = outboundFetch(services.outbound)
  try {
    const url = services.outbound.check(issuer)
    const execute = url.protocol === 'http:' ? [openid.allowInsecureRequests] : []
    const found = await openid.discovery(url, 'discovery', undefined, undefined, {
      ...{ [openid.customFetch]: fetch, execute },
    })
    return checked(found.serverMetadata(), issuer)
  } catch (error) {
    const why = error instanceof OutboundFault ? error : fault()
    if (why) throw new FieldError('issuer', why.message)
    if (error instanceof FieldError) throw error
    throw new FieldError(
      'issuer',
      'No OpenID provider answers at this address. Give its issuer, as it shows it itself.',
    )
  }
}

/** Some providers name an issuer that stands for all of their customers: then anybody’s people would be ours. */
function checked(metadata: openid.ServerMetadata, issuer: string): openid.ServerMetadata {
  if (metadata.issuer.replace(/\/$/, '') !== issuer.replace(/\/$/, ''))
    throw new FieldError('issuer', 'The provider calls itself differently. Give the issuer of your own tenant.')
  if (!metadata.authorization_endpoint || !metadata.token_endpoint || !metadata.jwks_uri)
    throw new FieldError('issuer', 'The provider does not say where to sign in, or with which keys it signs')
  return JSON.parse(JSON.stringify(metadata)) // Without the functions that the library adds.
}

export interface Begun {
  readonly redirectUrl: string
  readonly state: Secret
  readonly nonce: string
  readonly verifier: string
}

/** Where the browser is sent to. */
export async function authorizationUrl(
  services: Services,
  client: OidcClient,
  begun: Begun,
  scope = 'openid email profile',
): Promise<string> {
  const { config } = configurationOf(services, client)
  const url = openid.buildAuthorizationUrl(config, {
    ...{ redirect_uri: begun.redirectUrl, scope, response_type: 'code' },
    ...{ state: begun.state.reveal(), nonce: begun.nonce, code_challenge_method: 'S256' },
    code_challenge: await openid.calculatePKCECodeChallenge(begun.verifier),
  })
  return url.href
}

export interface CameBack {
  readonly redirectUrl: string
  readonly said: { code: string; state: string; iss: string; error: string }
}

/**
 * Who came back, by a token that the provider signed for us and for this one sign-in: state, nonce, PKCE, issuer,
 * audience, time and signature are all checked, none and HS256 refused. @throws Refused
 */
export const prove = (services: Services, client: OidcClient, flow: Flow, back: CameBack): Promise<Proof> =>
  granting(services, client, back, async (config, url) => {
    const tokens = await openid.authorizationCodeGrant(config, url, {
      ...{ pkceCodeVerifier: flow.verifier, expectedNonce: flow.nonce, expectedState: back.said.state },
      idTokenExpected: true,
    })
    const claims = tokens.claims()
    if (!claims) throw new Refused('not-proven', 'no ID token')
    const more = needsMore(claims, client) ? await openid.fetchUserInfo(config, tokens.access_token, claims.sub) : {}
    return proofOf({ ...more, ...claims })
  })

/** The token for a code of a provider that speaks OAuth 2 and no OpenID: who it is of is still to be asked. @throws Refused */
export const grantCode = (services: Services, client: OidcClient, flow: Flow, back: CameBack): Promise<Secret> =>
  granting(services, client, back, async (config, url) => {
    const checks = { pkceCodeVerifier: flow.verifier, expectedState: back.said.state }
    return new Secret((await openid.authorizationCodeGrant(config, url, checks)).access_token)
  })

async function granting<T>(
  services: Services,
  client: OidcClient,
  { said, redirectUrl }: CameBack,
  work: (config: openid.Configuration, url: URL) => Promise<T>,
): Promise<T> {
  if (said.error !== '') throw new Refused('stopped-there')
  const { config, fault } = configurationOf(services, client)
  const url = new URL(redirectUrl)
  for (const [name, value] of Object.entries(said)) if (value !== '') url.searchParams.set(name, value)
  try {
    return await work(config, url)
  } catch (error) {
    if (error instanceof Refused) throw error
    const why = fault()
    if (why) throw new Refused('unreachable', why.message, { cause: why })
    throw new Refused('not-proven', codeOf(error), { cause: error })
  }
}

const needsMore = (claims: openid.IDToken, { metadata }: OidcClient): boolean =>
  claims.email === undefined && metadata.userinfo_endpoint !== undefined

function proofOf(claims: Record<string, unknown> & { sub: string }): Proof {
  if (claims.sub.length > 255 || claims.sub.includes('\0')) throw new Refused('not-proven', 'subject')
  const email = Email.safeParse(claims.email).data ?? null
  return {
    subject: claims.sub,
    email,
    isEmailVerified: email !== null && claims.email_verified === true,
    name: typeof claims.name === 'string' ? claims.name : null,
  }
}

function configurationOf(services: Services, { metadata, clientId, clientSecret }: OidcClient) {
  const methods = metadata.token_endpoint_auth_methods_supported
  // Basic is what a provider has to take that says nothing (OpenID Connect Discovery 1.0, section 3); of those that take
  // both, some stumble over how Basic writes a hyphen.
  const isPost = methods?.includes('client_secret_post') === true
  const secret = clientSecret.reveal()
  const auth = isPost ? openid.ClientSecretPost(secret) : openid.ClientSecretBasic(secret)
  // The library asks the machine's clock; everything here goes by that of the services.
  const clockSkew = Math.round((services.clock().getTime() - Date.now()) / 1000)
  const config = new openid.Configuration(metadata, clientId, { [openid.clockSkew]: clockSkew }, auth)
  const { fetch, fault } = outboundFetch(services.outbound)
  config[openid.customFetch] = fetch
  // Else it would trust whatever the token endpoint answers, since that comes over TLS.
  openid.enableNonRepudiationChecks(config)
  // The guarded client lets nothing pass without TLS but what the operator allows.
  if (metadata.issuer.startsWith('http:')) openid.allowInsecureRequests(config)
  return { config, fault }
}

/** The library's word for it; its message may hold what the other side sent. */
function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown } // `as`: anything may have been thrown
  return typeof code === 'string' ? code.slice(0, 60) : 'unknown'
}
