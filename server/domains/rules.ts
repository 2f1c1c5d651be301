import type { DomainsRow, FrontsRow, SitesRow } from '../platform/db/tables.js'
import { no, type Verdict, yes } from '../platform/verdict.js'
import { baseOf, isWildcard } from './names.js'

/** How a domain stands, for whoever looks at a list of them. */
export type DomainState = 'unverified' | 'waiting' | 'failed' | 'served' | 'not-served'

type Known = Pick<DomainsRow, 'name' | 'role' | 'verified_at'>
type Given = Pick<DomainsRow, 'sites_domain_id'>
type Checked = Pick<DomainsRow, 'check_requested_at' | 'checked_at'>
type Applied = Pick<FrontsRow, 'revision' | 'applied_revision' | 'applied_edge' | 'tried_revision' | 'failure'>

export function stateOf(domain: Known, front: Applied | null, edge: SitesRow['edge']): DomainState {
  if (domain.verified_at === null) return 'unverified'
  if (edge === 'direct') return 'not-served'
  const applied = applicationOf(front, edge)
  return applied === 'applied' ? 'served' : applied
}

/** How far the edge has come with what is wanted. */
export function applicationOf(front: Applied | null, edge: SitesRow['edge']): 'applied' | 'waiting' | 'failed' {
  if (front === null) return 'waiting'
  if (front.applied_revision === front.revision && front.applied_edge === edge) return 'applied'
  return front.failure !== null && front.tried_revision === front.revision ? 'failed' : 'waiting'
}

/**
 * What becomes of the names of a site that are proven, given in the order of preference. While the primary one is not among them there is
 * nothing to lead to, so all of them show the site. Its URL is one that does.
 */
export function partNames<Domain extends Pick<DomainsRow, 'role'>>(proven: readonly Domain[]) {
  const primary = proven.find(({ role }) => role === 'primary') ?? null
  const leads = ({ role }: Domain): boolean => primary !== null && role === 'redirect'
  return { primary, showing: proven.filter((domain) => !leads(domain)), leading: proven.filter(leads) }
}

export const domainCan = {
  /** The one that the others redirect to has to be one name. */
  bePrimary: (domain: Pick<DomainsRow, 'name'> & Given): Verdict => {
    if (isWildcard(domain.name)) return no('A wildcard is many names', 'Choose one name as the primary one.')
    return domain.sites_domain_id === null ? yes : no('It goes with the server', 'Add a name of your own to be it.')
  },

  remove: (domain: Given): Verdict =>
    domain.sites_domain_id === null
      ? yes
      : no('It comes with the sites domain of the server', 'Have it redirect to a name of your own instead.'),

  check: (domain: Checked): Verdict => (isChecking(domain) ? no('It is being checked') : yes),
}

/** Asked for, and no answer yet. */
export const isChecking = ({ checked_at, check_requested_at }: Checked): boolean =>
  checked_at === null || (check_requested_at !== null && check_requested_at > checked_at)

const minute = 60_000
const hour = 60 * minute

/** Who has just set a record waits for it; a name that nobody cares for is asked about seldom. */
export function nextCheck(
  domain: Pick<DomainsRow, 'created_at' | 'verified_at'>,
  isPointing: boolean,
  now: Date,
): Date {
  const ageMs = now.getTime() - domain.created_at.getTime()
  const settled = domain.verified_at !== null && isPointing
  const waitMs = settled || ageMs > 7 * 24 * hour ? hour : ageMs > hour ? 15 * minute : 2 * minute
  return new Date(now.getTime() + waitMs)
}

/** Five minutes after the first failure, then twice as long each time, up to six hours: each try is an operation to be read. */
export const nextTry = (failures: number, now: Date): Date =>
  new Date(now.getTime() + Math.min(5 * minute * 2 ** (failures - 1), 6 * hour))

/** The oldest that can be opened takes the place of a primary one that is removed. */
export function nextPrimary<Domain extends Known & Given>(domains: readonly Domain[]): Domain | null {
  const able = domains.filter((domain) => domainCan.bePrimary(domain).ok)
  return able.find(({ verified_at }) => verified_at !== null) ?? able[0] ?? null
}

/** Of the panel itself, as far as a domain could take it away. */
export const coversPanel = (name: string, panel: string): boolean =>
  name === panel ||
  (isWildcard(name) && panel.endsWith(`.${baseOf(name)}`) && panel.split('.').length === name.split('.').length)
