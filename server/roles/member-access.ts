import { type Access, accessOf, type Here, type Holding } from '../platform/access/access.js'
import type { Target } from '../platform/access/authorizer.js'
import type { TransactionOf } from '../platform/db/doors.js'
import { isId } from '../platform/ids.js'
import type { Services } from '../platform/services.js'
import * as queries from './reach-queries.js'

/** What a request comes down to: what its sender may do in the team, and what its address is about. */
export interface Asked {
  readonly access: Access
  readonly here: Here
}

/**
 * Adds up what somebody holds in a team, and finds what the address names. For whoever holds roles on the whole team
 * alone nothing is looked up: whatever the address names, they may do the same there.
 */
export async function askedOf(
  services: Services,
  teamId: string,
  holdings: readonly Holding[],
  target: Target,
): Promise<Asked> {
  if (holdings.every(({ on }) => on === null)) return { access: accessOf(holdings, () => []), here: { kind: 'team' } }
  return services.db.inTeam(
    teamId,
    async (db) => ({ access: await reachingAccess(db, teamId, holdings), here: await hereOf(db, teamId, target) }),
    'read only',
  )
}

async function reachingAccess(
  db: TransactionOf<'team'>,
  teamId: string,
  holdings: readonly Holding[],
): Promise<Access> {
  const idsOf = (kind: string) => holdings.flatMap(({ on }) => (on?.kind === kind ? [on.id] : []))
  const found = await queries.reachedBy(db, teamId, {
    sites: idsOf('site'),
    servers: idsOf('server'),
    groups: idsOf('group'),
  })
  return accessOf(holdings, ({ on }) => found.filter(({ holder }) => holder === on?.id))
}

async function hereOf(db: TransactionOf<'team'>, teamId: string, { params, isReading }: Target): Promise<Here> {
  if (params.site !== undefined) return { kind: 'site', id: await queries.idOf(db, 'sites', teamId, params.site) }
  if (params.server !== undefined)
    return { kind: 'server', id: await queries.idOf(db, 'servers', teamId, params.server) }
  if (params.operation !== undefined) return subjectOf(db, teamId, params.operation)
  return { kind: isReading ? 'list' : 'team' }
}

async function subjectOf(db: TransactionOf<'team'>, teamId: string, operation: string): Promise<Here> {
  const subject = isId(operation) ? await queries.subjectOfOperation(db, teamId, operation) : null
  const [kind, id] = subject?.split(':') ?? []
  return kind === 'server' ? { kind, id: id ?? null } : { kind: 'site', id: id ?? null }
}
