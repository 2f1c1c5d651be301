import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'

/** A real OpenID provider on loopback, where whoever comes is signed in as `account` without a question. */
export interface TestProvider {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  account: Account
  /** What a browser does there: from the address that it is sent to, until it is sent back. */
  visit(url: string): Promise<URL>
  close(): Promise<void>
}

export interface Account {
  readonly sub: string
  readonly email?: string
  readonly email_verified?: boolean
  readonly name?: string
}

export async function startProvider(redirectUrl: string, account: Account): Promise<TestProvider> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}` // It listens on TCP.
  const client = { client_id: 'hostler', client_secret: 'canary-client-secret-of-the-provider' }
  const provider: Provider = new Provider(issuer, {
    clients: [{ ...client, redirect_uris: [redirectUrl] }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    // As the large ones do: the address stands in the token, not only behind the userinfo endpoint.
    conformIdTokenClaims: false,
    cookies: { keys: ['for tests'] },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    findAccount: async (_ctx, id) => ({
      accountId: id,
      claims: async () => ({ ...made.account, sub: id }),
    }),
    loadExistingGrant: async (ctx) => {
      const grant = new provider.Grant({
        accountId: ctx.oidc.session?.accountId ?? '',
        clientId: ctx.oidc.client?.clientId ?? '',
      })
      grant.addOIDCScope('openid email profile')
      await grant.save()
      return grant
    },
    features: { devInteractions: { enabled: false } },
  })
  const answer = provider.callback()
  server.on('request', (req, res) => {
    if (!req.url?.startsWith('/interaction/')) return void answer(req, res)
    provider
      .interactionFinished(req, res, { login: { accountId: made.account.sub } })
      .catch((error) => res.destroy(error))
  })

  const made: TestProvider = {
    issuer,
    clientId: client.client_id,
    clientSecret: client.client_secret,
    account,
    visit: (url) => visit(url, issuer),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return made
}

async function visit(start: string, issuer: string): Promise<URL> {
  const jar = new Map<string, string>()
  let url = new URL(start)
  while (url.origin === issuer) {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(url, { redirect: 'manual', headers: { cookie } })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      jar.set(name, value)
    }
    const location = answer.headers.get('location')
    if (location === null)
      throw new Error(`${url.pathname} answered ${answer.status}: ${(await answer.text()).slice(0, 300)}`)
    url = new URL(location, url)
  }
  return url
}
