import { exportJWK, exportSPKI, generateKeyPair, type JWTHeaderParameters, SignJWT } from 'jose'
import { type Sink, startSink } from './sink.js'

/** An OpenID provider that says whatever a test wants: its tokens are signed by its key, or by none that is any good. */
export interface ForgingProvider {
  readonly sink: Sink
  readonly issuer: string
  /** As PEM. */
  readonly publicKey: string
  /** Of its discovery document, from now on. */
  metadata: Record<string, unknown>
  /** What its token endpoint answers for any code, from now on. */
  token: (() => Promise<string> | string) | null
  userinfo: Record<string, unknown>
  /** A token as it should be, but for these. */
  sign(claims: Record<string, unknown>, header?: Partial<JWTHeaderParameters>): Promise<string>
  close(): Promise<void>
}

export async function startForger(clientId = 'hostler'): Promise<ForgingProvider> {
  const sink = await startSink()
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true })
  const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256', use: 'sig' }
  const issuer = sink.url
  const made: ForgingProvider = {
    ...{ sink, issuer, publicKey: await exportSPKI(publicKey), token: null, userinfo: { sub: 'ada' } },
    metadata: {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/keys`,
      userinfo_endpoint: `${issuer}/userinfo`,
      authorization_response_iss_parameter_supported: true,
    },
    sign: (claims, header = {}) => {
      const now = Math.floor(Date.now() / 1000)
      const usual = { iss: issuer, aud: clientId, iat: now, exp: now + 300, sub: 'ada' }
      return new SignJWT({ ...usual, ...claims })
        .setProtectedHeader({ alg: 'RS256', kid: 'one', ...header })
        .sign(privateKey)
    },
    close: () => sink.close(),
  }
  sink.answer = async (req, res) => {
    const say = (body: unknown) => res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (req.url === '/.well-known/openid-configuration') return say(made.metadata)
    if (req.url === '/keys') return say({ keys: [jwk] })
    if (req.url === '/userinfo') return say(made.userinfo)
    if (req.url === '/token' && made.token)
      return say({ access_token: 'canary', token_type: 'bearer', id_token: await made.token() })
    return res.writeHead(404).end()
  }
  return made
}
