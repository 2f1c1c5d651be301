import { hostler } from '../platform/access/ctx.js'
import { conflict, UserError } from '../platform/errors.js'
import { appendInTeam } from '../platform/events/append.js'
import { maybeTeam } from '../platform/operations/runner-queries.js'
import type { Services } from '../platform/services.js'
import { freed, nextOf } from './held.js'
import * as queries from './held-queries.js'
import { parentOf, parseDomainName } from './names.js'

/** By who runs the panel: nobody holds the name then, and who proves it next has it, be it the same team. Says whose it was. */
export const freeDomain = (services: Services, typed: string): Promise<{ name: string; team: string }> =>
  services.db.asSystem(async (db) => {
    const name = parseDomainName(typed)
    await queries.lockNames(db, parentOf(name))
    const holder = await queries.maybeHeld(db, name)
    if (!holder)
      throw new UserError(404, `Nobody holds ${name}`, 'A wildcard is named with its star, such as *.example.com.')
    if (holder.sites_domain_id !== null)
      throw conflict(`${name} comes with the sites domain *.${holder.parent}`, 'Free that one.')
    await queries.free(db, holder, nextOf(byOperator, services.clock()))
    await appendInTeam(db, holder.team_id, hostler, freed(holder, 'operator'), services.clock())
    return { name, team: (await maybeTeam(db, holder.team_id))?.slug ?? '' }
  })

const byOperator = {
  tone: 'bad',
  title: 'Who runs the panel has freed it',
  hint: 'It is yours again when you prove it and nobody else has.',
} as const
