import { FieldError } from '../platform/errors.js'
import type { Services } from '../platform/services.js'
import {
  authorizationUrl,
  discover,
  metadataMs,
  type OidcClient,
  prove,
  Refused,
} from '../sign-in-connections/sign-in-connections.js'
import type { ProviderClient, SignInProvider } from './providers.js'

/** An OpenID provider like any other. */
export const google: SignInProvider = {
  label: 'Google',
  url: async (services, client, begun) => authorizationUrl(services, await clientOf(services, client), begun),
  prove: async (services, client, flow, back) => prove(services, await clientOf(services, client), flow, back),
}

const askAgainMs = 60_000

/** What it said of itself, by its address. */
const known = new Map<string, { readonly metadata: OidcClient['metadata']; readonly at: number }>()

/** It is asked once a day; while it does not answer, it is taken to be as it was. @throws Refused */
async function clientOf(services: Services, { address, ...client }: ProviderClient): Promise<OidcClient> {
  const at = services.clock().getTime()
  const before = known.get(address)
  if (before && at - before.at < metadataMs) return { ...client, metadata: before.metadata }
  try {
    const metadata = await discover(services, address)
    known.set(address, { metadata, at })
    return { ...client, metadata }
  } catch (cause) {
    // Not again for every sign-in while it is away.
    if (before) known.set(address, { ...before, at: at - metadataMs + askAgainMs })
    if (before) return { ...client, metadata: before.metadata }
    if (cause instanceof FieldError) throw new Refused('unreachable', 'discovery', { cause })
    throw cause
  }
}
