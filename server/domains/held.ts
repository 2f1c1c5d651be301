import { hostler } from '../platform/access/ctx.js'
import type { DomainsRow } from '../platform/db/tables.js'
import { appendInTeam } from '../platform/events/append.js'
import type { Services } from '../platform/services.js'
import * as queries from './held-queries.js'
import { parentOf } from './names.js'
import type { Finding } from './schema.js'

/** Whether somebody else has proven a name that overlaps this one. It is not said who. */
export const isHeldElsewhere = (services: Services, teamId: string, name: string): Promise<boolean> =>
  services.db.asSystem((db) => queries.isHeldByOthers(db, { team_id: teamId, name, parent: parentOf(name) }))

export type Claim = 'held' | 'taken' | 'gone'

/**
 * Makes a name the site's, once it was proven (RC-04). Until then any number of teams may have written it down; of those that
 * prove it the first one has it. Teams do not see each other's rows, so this is decided at the system's door, under a lock that
 * all names which could overlap share.
 * @param over holders that were found to prove it no longer; it is theirs no more
 */
export const claimName = (
  services: Services,
  domain: Pick<DomainsRow, 'id' | 'name' | 'parent' | 'team_id' | 'site_id' | 'server_id'>,
  by: NonNullable<DomainsRow['verified_by']>,
  over: readonly DomainsRow[] = [],
): Promise<Claim> =>
  services.db
    .asSystem(async (db) => {
      await queries.lockNames(db, domain.parent)
      const holders = await queries.holdersOf(db, domain)
      if (!holders.every((holder) => over.some((one) => isSameHold(one, holder)))) return 'taken'
      const now = services.clock()
      for (const holder of holders) await queries.free(db, holder, nextOf(provenElsewhere, now))
      if (!(await queries.markVerified(db, domain.id, by, now))) throw new Gone()
      if (domain.site_id !== null) await queries.touchFrontOf(db, domain.site_id)
      const events = [
        ...holders.map((holder) => ({ team: holder.team_id, event: freed(holder, 'proven-elsewhere') })),
        { team: domain.team_id, event: verified(domain, by) },
      ]
      // In one order, so that two who write into the same chains do not wait for each other.
      for (const { team, event } of events.sort((one, other) => (one.team < other.team ? -1 : 1)))
        await appendInTeam(db, team, hostler, event, now)
      return 'held' as const
    })
    .catch((error: unknown) => {
      if (error instanceof Gone) return 'gone'
      throw error
    })

/** Nothing of it happens when it was removed or verified meanwhile. */
class Gone extends Error {}

/** Nobody has proven it anew meanwhile. */
const isSameHold = (one: DomainsRow, other: DomainsRow): boolean =>
  one.id === other.id && one.verified_at?.getTime() === other.verified_at?.getTime()

const provenElsewhere: Finding = {
  tone: 'bad',
  title: 'It was proven by somebody else on this panel, and by you no longer',
  hint: 'If it is yours, set the TXT record that is shown above, and see who else may set records in its DNS.',
}

/** Others have the first go. */
export const nextOf = (finding: Finding, now: Date) => ({
  findings: JSON.stringify([finding]),
  check_due_at: new Date(now.getTime() + 3600_000),
})

type Subject = Pick<DomainsRow, 'name' | 'site_id' | 'server_id'>

export const freed = ({ name, site_id, server_id }: Subject, why: 'proven-elsewhere' | 'operator') =>
  site_id === null
    ? ({
        type: 'server.sites-domain-freed',
        subject: { kind: 'server', id: server_id },
        data: { domain: parentOf(name), why },
      } as const)
    : ({ type: 'domain.freed', subject: { kind: 'site', id: site_id }, data: { domain: name, why } } as const)

const verified = ({ name, site_id, server_id }: Subject, by: string) =>
  site_id === null
    ? ({
        type: 'server.sites-domain-verified',
        subject: { kind: 'server', id: server_id },
        data: { domain: parentOf(name), by },
      } as const)
    : ({ type: 'domain.verified', subject: { kind: 'site', id: site_id }, data: { domain: name, by } } as const)
