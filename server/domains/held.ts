import { hostler } from '../platform/access/ctx.js'
import type { DomainsRow } from '../platform/db/tables.js'
import { appendInTeam } from '../platform/events/append.js'
import type { Services } from '../platform/services.js'
import * as queries from './held-queries.js'
import { parentOf } from './names.js'

/** Whether somebody else has proven a name that overlaps this one. It is not said who. */
export const isHeldElsewhere = (services: Services, teamId: string, name: string): Promise<boolean> =>
  services.db.asSystem((db) => queries.isHeldByOthers(db, { team_id: teamId, name, parent: parentOf(name) }))

export type Claim = 'held' | 'taken' | 'gone'

/**
 * Makes a name the site's, once it was proven (RC-04). Until then any number of teams may have written it down; of those that
 * prove it the first one has it. Teams do not see each other's rows, so this is decided at the system's door, under a lock that
 * all names which could overlap share.
 */
export const claimName = (
  services: Services,
  domain: Pick<DomainsRow, 'id' | 'name' | 'parent' | 'team_id' | 'site_id' | 'server_id'>,
  by: NonNullable<DomainsRow['verified_by']>,
): Promise<Claim> =>
  services.db.asSystem(async (db) => {
    await queries.lockNames(db, domain.parent)
    if (await queries.isHeldByOthers(db, domain)) return 'taken'
    if (!(await queries.markVerified(db, domain.id, by, services.clock()))) return 'gone'
    if (domain.site_id !== null) await queries.touchFrontOf(db, domain.site_id)
    await appendInTeam(db, domain.team_id, hostler, verified(domain, by), services.clock())
    return 'held'
  })

const verified = ({ name, site_id, server_id }: Pick<DomainsRow, 'name' | 'site_id' | 'server_id'>, by: string) =>
  site_id === null
    ? ({
        type: 'server.sites-domain-verified',
        subject: { kind: 'server', id: server_id },
        data: { domain: parentOf(name), by },
      } as const)
    : ({ type: 'domain.verified', subject: { kind: 'site', id: site_id }, data: { domain: name, by } } as const)
