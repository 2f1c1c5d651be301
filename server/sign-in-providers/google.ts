import { authorizationUrl, discover, prove } from '../sign-in-connections/sign-in-connections.js'
import type { SignInProvider } from './providers.js'

/** An OpenID provider like any other. */
export const google: SignInProvider = {
  label: 'Google',
  url: async (services, { address, ...client }, begun) =>
    authorizationUrl(services, { ...client, metadata: await discover(services, address) }, begun),
  prove: async (services, { address, ...client }, flow, back) =>
    prove(services, { ...client, metadata: await discover(services, address) }, flow, back),
}
