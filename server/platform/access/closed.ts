import { UserError } from '../errors.js'
import type { TeamRef } from './ctx.js'
import type { Permission } from './permissions.js'

/** A team whose pages are shut to everybody, its owners too: it is being deleted, or the operator has suspended it. */
export type Closed = 'deleted' | 'suspended'

/** For a statement that has `team`. */
export const closedSql =
  "case when team.suspended_at is not null then 'suspended' when team.delete_after is not null then 'deleted' end"

/** What remains open: to undo the deletion, one has to get there. */
const openWhile: Record<Closed, ReadonlySet<Permission>> = {
  deleted: new Set<Permission>(['team:delete']),
  suspended: new Set<Permission>(),
}

/** Only members are told, so it comes after they were found to be some. Throws 403. */
export function refuseClosed({ name }: TeamRef, closed: Closed | null, permission: Permission): void {
  if (closed === null || openWhile[closed].has(permission)) return
  if (closed === 'deleted')
    throw new UserError(
      403,
      `${name} is closed: it is being deleted`,
      'Its sites are served until then. An owner can undo it: see “Your teams”.',
    )
  throw new UserError(
    403,
    `${name} is suspended`,
    'Its sites are served as before. Ask whoever runs this panel for the reason.',
  )
}
