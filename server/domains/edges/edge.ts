import type { Fence, Host } from '../../platform/ssh/host.js'
import type { Access } from './access.js'
import type { Front } from './front.js'

/** What faces visitors on a server. Both kinds read the same file (`upstream.ts`), so a switch is one rename for either. */
export interface Edge {
  readonly name: EdgeName
  check(host: Host): Promise<EdgeCheck>
  /** What sites need of the machine itself, such as to come back with it without the panel. A part of "prepare server"; may be done twice. */
  prepare(host: Host): Promise<void>
  /**
   * Idempotent; touches nobody else's configuration, and changes nothing where all is right already, which it says. `letGo` has another
   * edge give the site's port up; it is called when nothing else is missing.
   */
  ensureSite(host: Host, site: EdgeSite, letGo?: () => Promise<void>): Promise<{ isChanged: boolean }>
  /** Frees the site's port. Visitors who are connected are answered to the end; new ones find nobody. */
  letGo(host: Host, site: EdgePlace): Promise<void>
  /** Puts back what a restart of the edge forgot. Adds what is missing in one change and removes nothing; says whether it had to. */
  reconcile(host: Host, sites: readonly EdgeSite[]): Promise<boolean>
  /** Those of them that it has forgotten: the port of the site, or its names where there are some. */
  lost(host: Host, sites: readonly { siteId: string; hasNames: boolean }[]): Promise<string[]>
  /** Sends new requests to `address`; those under way end where they began. Refused for a lease number that is not the newest. */
  switchTo(host: Host, site: EdgePlace, address: string, fence: Fence): Promise<void>
  /** Nothing is live any more: visitors are told that the site is not deployed. Refused like `switchTo`. */
  clear(host: Host, site: EdgePlace, fence: Fence): Promise<void>
  /** Where new requests go now, such as `127.0.0.1:8981`. */
  current(host: Host, site: EdgePlace): Promise<string | null>
  /**
   * Idempotent: visitors who come by these names, and by no others, get the site. Null where there is no place for names nor for anything
   * else in front of a site: one port for each is all.
   */
  readonly applyFront: ((host: Host, site: EdgeSite, front: Front) => Promise<void>) | null
  /** Where visitors who come by names come in on that machine, which may not be the ports that the world knows; null where none do. */
  webPorts(host: Host): Promise<WebPorts | null>
  /** Leaves nothing of the site but its folder. */
  removeSite(host: Host, site: EdgePlace): Promise<void>
  /** What people open. `address` is the server's own, as they reach it. */
  url(address: string, site: EdgePlace): string
}

export interface WebPorts {
  http: number
  https: number
}

export type EdgeName = 'caddy' | 'direct'

export type EdgeCheck = { ok: true } | { ok: false; why: string; fix: string }

/** Where a site is on its server. */
export interface EdgePlace {
  siteId: string
  /** `<host.root>/sites/<siteId>` */
  folder: string
  /** The public port of the site on that server. */
  port: number
  /** Empty until the site has domains. */
  hostnames: readonly string[]
}

/** What stands before a site may change at any time, so whoever sets it up reads that in the last moment. */
export interface EdgeSite extends EdgePlace {
  access: Access
}

/**
 * The edge answers a request for this name itself, to the machine only: whether it can see the site's folder. It is how
 * `ensureSite` knows that the right program listens there and may read what it must.
 */
export const checkName = 'edge-check.hostler.internal'

export const urlOfSite = (address: string, site: EdgePlace): string => {
  const [hostname] = site.hostnames
  if (hostname !== undefined) return `https://${hostname}`
  return `http://${address.includes(':') ? `[${address}]` : address}:${site.port}`
}
