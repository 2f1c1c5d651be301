import type { DomainsRow, FrontsRow, SitesRow } from '../platform/db/tables.js'
import { no, type Verdict, yes } from '../platform/verdict.js'
import { baseOf, isWildcard } from './names.js'

export type DomainRole = DomainsRow['role']

/** What a domain is for, for whoever looks at a list of them. */
export type DomainState = 'unverified' | 'waiting' | 'failed' | 'served' | 'not-served'

type Known = Pick<DomainsRow, 'name' | 'role' | 'verified_at'>
type Applied = Pick<FrontsRow, 'revision' | 'applied_revision' | 'applied_edge' | 'failed_revision'>

export function stateOf(domain: Known, front: Applied | null, edge: SitesRow['edge']): DomainState {
  if (domain.verified_at === null) return 'unverified'
  if (edge === 'direct') return 'not-served'
  if (front === null || front.applied_revision !== front.revision || front.applied_edge !== edge)
    return front?.failed_revision === front?.revision ? 'failed' : 'waiting'
  return 'served'
}

export const domainCan = {
  /** The one that the others redirect to has to be one name. */
  bePrimary: (domain: Pick<DomainsRow, 'name'>): Verdict =>
    isWildcard(domain.name) ? no('A wildcard is many names', 'Choose one name as the primary one.') : yes,

  check: (domain: Pick<DomainsRow, 'check_due_at' | 'checked_at'>, now: Date): Verdict =>
    isChecking(domain, now) ? no('It is being checked') : yes,
}

/** Asked for, and no answer yet. */
export const isChecking = (domain: Pick<DomainsRow, 'check_due_at' | 'checked_at'>, now: Date): boolean =>
  domain.checked_at === null || domain.check_due_at <= now

/** The oldest that can be opened takes the place of a primary one that is removed. */
export const nextPrimary = <Domain extends Known>(domains: readonly Domain[]): Domain | null =>
  domains.find(({ name, verified_at }) => !isWildcard(name) && verified_at !== null) ??
  domains.find(({ name }) => !isWildcard(name)) ??
  null

/** Of the panel itself, as far as a domain could take it away. */
export const coversPanel = (name: string, panel: string): boolean =>
  name === panel ||
  (isWildcard(name) && panel.endsWith(`.${baseOf(name)}`) && panel.split('.').length === name.split('.').length)
