import { type Actor, hostler, type TeamRef } from '../platform/access/ctx.js'
import { noteRefusal } from '../platform/events/refusals.js'
import type { Denial, OnDenied } from '../platform/http/denials.js'
import type { Services } from '../platform/services.js'
import { asVisitor, maybeVisit, teamOfVisit } from '../support/support.js'
import { teamsOf } from '../teams/teams.js'

/**
 * Whoever is refused what their role does not allow, and what a page elsewhere asks in somebody's name, is written down:
 * in the log of the team, where it is one of theirs, else in the operator's. Once an hour for each page, and then how often.
 */
export const noteDenials =
  (services: Services): OnDenied =>
  async (denial) => {
    try {
      await noteRefusal(services, await refusalOf(services, denial))
    } catch (error) {
      services.log.warn({ err: error }, 'a refusal was not written down')
    }
  }

async function refusalOf(services: Services, denial: Denial) {
  const { kind, why, method, route, address } = denial
  const { team, actor } = await whereOf(services, denial)
  const type = kind === 'forged' ? 'request.forged' : 'access.denied'
  const data = { method, page: route, ...(why !== undefined && { why }) }
  const about = `${method} ${route} ${why ?? ''}`
  if (!team) return { teamId: null, actor, about, event: { type, subject: subjectOf(actor), data, address } } as const
  const subject = { kind: 'team', id: team.id, name: team.name }
  return { teamId: team.id, actor, about, event: { type, subject, data, address } } as const
}

/** The team that has to hear of it: one's own, or the one that one is in to help, where each act is marked (AZ-18). */
async function whereOf(
  services: Services,
  { actor, sessionId, team: slug }: Denial,
): Promise<{ team?: TeamRef; actor: Actor }> {
  if (slug === undefined) return { actor }
  const team = (await teamsOf(services, actor)).find((one) => one.slug === slug)
  if (team) return { team, actor }
  const visit = sessionId === null ? undefined : await maybeVisit(services, sessionId, slug)
  return visit ? { team: teamOfVisit(visit), actor: asVisitor(actor, visit) } : { actor }
}

const subjectOf = (actor: Actor) => ({ kind: actor.kind, id: actor.id, name: actor === hostler ? null : actor.name })
