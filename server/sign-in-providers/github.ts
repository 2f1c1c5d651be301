import { z } from 'zod'
import { githubApi } from '../git/hosts/github-api.js'
import { OutboundFault } from '../platform/outbound/fault.js'
import { jsonOf } from '../platform/outbound/json.js'
import { Secret } from '../platform/secret.js'
import type { Services } from '../platform/services.js'
import { authorizationUrl, grantCode, Refused } from '../sign-in-connections/sign-in-connections.js'
import type { SignInProvider } from './providers.js'

const endpoints = (address: string) => ({
  issuer: address,
  authorization_endpoint: `${address}/login/oauth/authorize`,
  token_endpoint: `${address}/login/oauth/access_token`,
  token_endpoint_auth_methods_supported: ['client_secret_post'],
})

const User = z.object({ id: z.int().positive(), login: z.string(), name: z.string().nullish() })
const Emails = z.array(z.object({ email: z.string(), primary: z.boolean(), verified: z.boolean() }))

/** OAuth 2 without OpenID: the code gives a token, and the token tells who it is of. By number: names are given anew there. */
export const github: SignInProvider = {
  label: 'GitHub',
  url: (services, { address, ...client }, begun) =>
    authorizationUrl(services, { ...client, metadata: endpoints(address) }, begun, 'read:user user:email'),
  prove: async (services, { address, ...client }, flow, back) => {
    const token = await grantCode(services, { ...client, metadata: endpoints(address) }, flow, back)
    const ask = <T extends z.ZodType>(path: string, schema: T) =>
      read(services, `${githubApi.base(address)}${path}`, token, schema)
    const user = await ask('/user', User)
    const primary = (await ask('/user/emails', Emails)).find((email) => email.primary)
    return {
      ...{ subject: String(user.id), email: primary?.email.toLowerCase() ?? null, name: user.name ?? user.login },
      isEmailVerified: primary?.verified === true,
    }
  },
}

async function read<T extends z.ZodType>(
  { outbound }: Services,
  url: string,
  token: Secret,
  schema: T,
): Promise<z.output<T>> {
  try {
    const authorization = new Secret(`Bearer ${token.reveal()}`)
    const answer = await outbound.send({
      method: 'GET',
      url,
      headers: { authorization, accept: 'application/vnd.github+json' },
    })
    const { data } = schema.safeParse(jsonOf(answer))
    if (answer.status !== 200 || data === undefined) throw new Refused('not-proven', `answered ${answer.status}`)
    return data
  } catch (error) {
    if (error instanceof OutboundFault) throw new Refused('unreachable', error.message, { cause: error })
    throw error
  }
}
