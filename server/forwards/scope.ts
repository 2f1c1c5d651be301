import type { PersonCtx, TeamCtx } from '../platform/access/ctx.js'
import type { Transaction } from '../platform/db/doors.js'
import { append, appendOutsideTeams } from '../platform/events/append.js'
import { outsideTeams } from '../platform/events/event.js'
import type { Services } from '../platform/services.js'

type Told = 'forward.set' | 'forward.removed'

/** Whose events: a team's, or those outside teams. The same is done with both. */
export interface Scope {
  readonly services: Services
  readonly teamId: string
  readonly name: string
  transaction<T>(work: (db: Transaction, say: (type: Told, data: object) => Promise<string>) => Promise<T>): Promise<T>
}

export const ofTeam = (ctx: TeamCtx): Scope => ({
  ...{ services: ctx.services, teamId: ctx.team.id, name: ctx.team.name },
  transaction: (work) =>
    ctx.transaction((tx) =>
      work(tx.db, (type, data) =>
        append(tx, { type, subject: { kind: 'team', id: ctx.team.id, name: ctx.team.name }, data: { ...data } }),
      ),
    ),
})

export const ofPanel = (ctx: PersonCtx): Scope => ({
  ...{ services: ctx.services, teamId: outsideTeams, name: 'the panel' },
  transaction: (work) =>
    ctx.services.db.asOperator((db) =>
      work(db, (type, data) => {
        const subject = { kind: 'panel', id: null, name: 'the panel' }
        return appendOutsideTeams(db, ctx.actor, { type, subject, data: { ...data }, address: ctx.address }, ctx.now())
      }),
    ),
})
