import { cloudflare } from './cloudflare.js'
import { digitalocean } from './digitalocean.js'
import { httpreq } from './httpreq.js'
import type { DnsProvider } from './provider.js'

/** Everybody with whom a record can be set. */
export const dnsProviders = { cloudflare, digitalocean, httpreq } as const satisfies Record<string, DnsProvider>

export type DnsProviderName = keyof typeof dnsProviders

export const dnsProviderNames = Object.keys(dnsProviders) as [DnsProviderName, ...DnsProviderName[]] // `as`: they are its keys
