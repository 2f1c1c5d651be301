import type { Secret } from '../../platform/secret.js'
import type { ExternalAccount } from '../../platform/services.js'

/** What visitors of a site meet who come by its names. Names here are ASCII, and proven. */
export interface Front {
  /** These show the site. */
  serves: readonly string[]
  /** These lead to `primary`, with the path kept. */
  redirects: readonly { name: string; status: number }[]
  primary: string | null
  /** Who comes by HTTP is sent to HTTPS; not by a wildcard without a certificate of its own. */
  forceHttps: boolean
  hsts: boolean
  /** Answered by the edge itself, also for names that are still to be proven. */
  challenges: readonly { name: string; path: string; body: string }[]
  /** Names that have one of their own: nobody is asked for them. */
  certificates: readonly { id: string; name: string; chain: string; key: Secret }[]
  /** Whom to ask for certificates; null leaves it to the edge. */
  acme: Ca | null
}

export interface Ca {
  url: string | null
  email: string | null
  rootPem: string | null
  externalAccount?: ExternalAccount | null
}
