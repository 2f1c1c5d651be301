import { LRUCache } from 'lru-cache'
import { type Actor, hostler } from '../platform/access/ctx.js'
import { appendInTeam, appendOutsideTeams } from '../platform/events/append.js'
import type { Denial, OnDenied } from '../platform/http/denials.js'
import type { Services } from '../platform/services.js'
import { teamsOf } from '../teams/teams.js'

const quietMs = 3600_000

/**
 * Whoever is refused what their role does not allow is written down: once an hour for each act, so that a flood of
 * refusals is no flood of events. Each web process counts for itself.
 */
export function noteDenials(services: Services): OnDenied {
  const noted = new LRUCache<string, true>({ max: 10_000, ttl: quietMs })
  return async (denial) => {
    const key = [denial.actor.id, denial.team, denial.method, denial.route].join(' ')
    if (noted.has(key)) return
    noted.set(key, true)
    await note(services, denial).catch((error) => services.log.warn({ err: error }, 'a refusal was not written down'))
  }
}

async function note(services: Services, { actor, team: slug, method, route, address }: Denial): Promise<void> {
  const team = (await teamsOf(services, actor)).find((one) => one.slug === slug)
  await services.db.asIdentity(async (db) => {
    const data = { method, page: route }
    const now = services.clock()
    if (!team) {
      const subject = subjectOf(actor)
      return appendOutsideTeams(db, actor, { type: 'access.denied', subject, data, address }, now)
    }
    const subject = { kind: 'team', id: team.id, name: team.name }
    return appendInTeam(db, team.id, actor, { type: 'access.denied', subject, data, address }, now)
  })
}

const subjectOf = (actor: Actor) => ({ kind: actor.kind, id: actor.id, name: actor === hostler ? null : actor.name })
