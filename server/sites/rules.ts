import type { ServersRow, SitesRow } from '../platform/db/tables.js'
import { no, type Verdict, yes } from '../platform/verdict.js'

export type SiteState = SitesRow['state']

/** In which state each act is allowed, and which state it leads to. Buttons, verbs and tests read this table. */
export const moves = {
  /** A release has gone live. */
  goLive: { from: ['inactive'], to: 'active' },
  /** The only release there was is gone. */
  goDark: { from: ['active'], to: 'inactive' },
  deactivate: { from: ['active', 'inactive'], to: 'deactivated' },
  activate: { from: ['deactivated'], to: 'inactive' },
  /** By the operator, or for an unpaid invoice. */
  suspend: { from: ['active', 'inactive', 'deactivated'], to: 'suspended' },
  resume: { from: ['suspended'], to: 'inactive' },
  archive: { from: ['inactive', 'deactivated'], to: 'archived' },
  unarchive: { from: ['archived'], to: 'deactivated' },
} as const satisfies Record<string, { from: readonly SiteState[]; to: SiteState }>

export type Move = keyof typeof moves

type Known = Pick<SitesRow, 'name' | 'state' | 'state_reason' | 'delete_requested_at' | 'preview_of'>

/** By what is in the way, in words for the person who wants it. */
const reasons: Record<SiteState, string> = {
  active: 'The site is active',
  inactive: 'The site is not deployed',
  suspended: 'The site is suspended',
  deactivated: 'The site is deactivated',
  archived: 'The site is archived',
}

export const siteCan = {
  move(site: Known, move: Move): Verdict {
    if (site.delete_requested_at) return no(`${site.name} is being deleted`)
    if (site.preview_of) return no('It is a preview', 'Remove it on the page of previews of its site.')
    const allowed: readonly SiteState[] = moves[move].from
    if (allowed.includes(site.state)) return yes
    if (site.state === 'active' && move === 'archive') return no('The site is active', 'Deactivate it first.')
    return no((site.state === 'suspended' && site.state_reason) || reasons[site.state])
  },

  /** Settings, environment, access: what is archived stays as it was. */
  change(site: Known): Verdict {
    if (site.delete_requested_at) return no(`${site.name} is being deleted`)
    if (site.preview_of) return no('It is a preview, which follows its site', 'Change the site itself.')
    if (site.state === 'archived') return no('The site is archived', 'Bring it back first.')
    return yes
  },

  remove: (site: Known): Verdict =>
    site.preview_of
      ? no('It is a preview', 'Remove it on the page of previews of its site.')
      : siteCan.removeCopy(site),

  removeCopy: (site: Known): Verdict => (site.delete_requested_at ? no(`${site.name} is being deleted already`) : yes),

  /** A site is only put where it can run at once. */
  liveOn(server: Pick<ServersRow, 'name' | 'status' | 'host_key_changed_to' | 'runtime' | 'edge'>): Verdict {
    if (server.host_key_changed_to)
      return no(`The host key of ${server.name} has changed`, 'Accept the new key on its page first.')
    if (server.status === 'unreachable') return no(`${server.name} cannot be reached`, 'See its page for the reason.')
    if (server.status === 'preparing') return no(`${server.name} is being prepared`, 'Wait until that has ended.')
    if (server.status !== 'ready' || !server.runtime || !server.edge)
      return no(`${server.name} is not ready`, 'Prepare it on its page first.')
    return yes
  },
}

/** Visitors' ports, of which each site gets one. Instances have others. */
export const visitorPorts = { first: 10_000, last: 19_999 } as const

/** Addresses of pages that a site of that slug would hide behind. */
export const reservedSlugs = ['new', 'drafts']

/** The only one of them that browsers refuse to open: https://fetch.spec.whatwg.org/#port-blocking */
const refusedByBrowsers = 10_080

/** The lowest that nobody has; null when all are taken. */
export function choosePort(taken: ReadonlySet<number>): number | null {
  for (let port: number = visitorPorts.first; port <= visitorPorts.last; port++)
    if (port !== refusedByBrowsers && !taken.has(port)) return port
  return null
}
