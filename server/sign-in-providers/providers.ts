import type { Flow, Proof } from '../identities/identities.js'
import type { Secret } from '../platform/secret.js'
import type { Services } from '../platform/services.js'
import type { Begun, CameBack } from '../sign-in-connections/sign-in-connections.js'
import { github } from './github.js'
import { google } from './google.js'

/** Where people of the whole panel have an account that they may sign in by. */
export interface SignInProvider {
  readonly label: string
  url(services: Services, client: ProviderClient, begun: Begun): Promise<string>
  /** @throws Refused */
  prove(services: Services, client: ProviderClient, flow: Flow, back: CameBack): Promise<Proof>
}

/** As whom the panel is known there, by the settings of whoever runs it. */
export interface ProviderClient {
  readonly clientId: string
  readonly clientSecret: Secret
  /** Where it is, for a GitHub of one's own. */
  readonly address: string
}

export const providers = { github, google } as const satisfies Record<string, SignInProvider>

export type ProviderName = keyof typeof providers

// `as`: the keys of a literal.
export const providerNames = Object.keys(providers) as ProviderName[]
