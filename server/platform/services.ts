import type { Logger } from 'pino'
import type { Database } from './db/doors.js'
import type { Signals } from './db/signals.js'
import type { Mail } from './mail/mail.js'
import type { MailSettings } from './mail/settings.js'
import type { Outbound } from './outbound/outbound.js'
import type { Queue } from './queue/queue.js'
import type { Secret } from './secret.js'
import type { Hosts } from './ssh/hosts.js'
import type { Vault } from './vault/vault.js'

/** What is built once at start and handed down; nothing else is kept between requests. */
export interface Services {
  readonly config: PlatformConfig
  readonly db: Database
  readonly signals: Signals
  readonly vault: Vault
  readonly queue: Queue
  readonly hosts: Hosts
  readonly outbound: Outbound
  readonly mail: Mail
  readonly log: Logger
  readonly clock: () => Date
}

/** The part of the configuration that the platform itself needs. */
export interface PlatformConfig {
  /** Every link is built from it; the request's own Host header never is. */
  readonly baseUrl: URL
  readonly dataFolder: string
  readonly isProduction: boolean
  /** Left out: no. */
  readonly isInContainer?: boolean
  /** Which ways to a repository are taken. Left out: https and ssh. */
  readonly gitProtocols?: readonly string[]
  /** Whom to ask about names, as address or address:port. Left out: whom the machine asks. */
  readonly resolvers?: readonly string[]
  /** Where the name servers of zones answer. Left out: 53. */
  readonly dnsPort?: number
  /** By whom people of the whole panel may sign in. Left out: by nobody. */
  readonly signInProviders?: Readonly<Partial<Record<'github' | 'google', SignInClient>>>
  /** Who makes certificates for sites. Left out: whom Caddy asks by itself. */
  readonly acme?: AcmeSettings
  /** Where the world comes in by names, to ask for their proofs. Left out: 80. */
  readonly webPorts?: { readonly http: number }
  /** Left out: this panel sends no mail. */
  readonly mail?: MailSettings | null
  /** A worker that has not been heard for so long has lost its operations; others go on with them. The same for all workers. */
  readonly leaseSeconds: number
  /** Where anchors of the event log go. Left out: nowhere, they stay in the database. */
  readonly anchors?: { readonly folder: string | null; readonly email: string | null }
  /** No more operations of one team run at once, over all workers. Left out: as many as its share of the places. */
  readonly teamOperations?: number
}

export interface SignInClient {
  readonly clientId: string
  readonly clientSecret: Secret
  readonly address: string
}

export interface AcmeSettings {
  readonly url: URL | null
  readonly email: string | null
  readonly rootFile: string | null
  /** For a CA that knows its accounts from elsewhere (RFC 8555, 7.3.4). Left out: one that does not. */
  readonly externalAccount?: ExternalAccount | null
}

export interface ExternalAccount {
  readonly keyId: string
  /** As base64url. */
  readonly key: Secret
}
