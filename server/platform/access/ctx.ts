import type { TransactionOf } from '../db/doors.js'
import type { Services } from '../services.js'
import { type Permission, type Role, roleAllows } from './roles.js'

/** Who acts. It is written into every event. */
export type Actor =
  | { readonly kind: 'user'; readonly id: string; readonly name: string }
  | { readonly kind: 'api-key'; readonly id: string; readonly name: string }
  | { readonly kind: 'system'; readonly id: null; readonly name: string }

/** Who acts when nobody asked for it. */
export const hostler: Actor = { kind: 'system', id: null, name: 'Hostler' }

export interface TeamRef {
  readonly id: string
  readonly slug: string
  readonly name: string
}

/** Someone not signed in: the few pages that anyone may see. */
export class VisitorCtx {
  readonly services: Services

  protected constructor(services: Services) {
    this.services = services
  }

  /** Only `authorize` calls this. */
  static make(services: Services): VisitorCtx {
    return new VisitorCtx(services)
  }

  now(): Date {
    return this.services.clock()
  }
}

/** A signed-in person, whatever the team. */
export class PersonCtx extends VisitorCtx {
  readonly actor: Actor
  readonly isOperator: boolean
  /** Of the session this request came with; absent for an API key. */
  readonly sessionId: string | null

  protected constructor(services: Services, who: { actor: Actor; isOperator: boolean; sessionId: string | null }) {
    super(services)
    this.actor = who.actor
    this.isOperator = who.isOperator
    this.sessionId = who.sessionId
  }

  /** Only `authorize` calls this. */
  static of(services: Services, who: { actor: Actor; isOperator: boolean; sessionId: string | null }): PersonCtx {
    return new PersonCtx(services, who)
  }
}

/**
 * A caller whose right to act in one team was checked. Only `authorize` and `systemCtx` make one, so a query, which
 * asks for a `TeamTx`, cannot be reached without a checked caller.
 */
export class TeamCtx {
  readonly services: Services
  readonly actor: Actor
  readonly team: TeamRef
  readonly #role: Role | 'system'

  private constructor(services: Services, actor: Actor, team: TeamRef, role: Role | 'system') {
    this.services = services
    this.actor = actor
    this.team = team
    this.#role = role
  }

  /** Only `authorize` calls this, after looking the membership up. */
  static of(services: Services, actor: Actor, team: TeamRef, role: Role): TeamCtx {
    return new TeamCtx(services, actor, team, role)
  }

  /** For jobs and sweeps: acts in the team's name with every permission. */
  static system(services: Services, team: TeamRef, name = hostler.name): TeamCtx {
    return new TeamCtx(services, { kind: 'system', id: null, name }, team, 'system')
  }

  may(permission: Permission): boolean {
    return this.#role === 'system' || roleAllows(this.#role, permission)
  }

  now(): Date {
    return this.services.clock()
  }

  /**
   * One transaction in which only this team's rows exist (row-level security). Everything in it is kept or nothing is;
   * `afterCommit` runs once it is kept.
   */
  transaction<T>(work: (tx: TeamTx) => Promise<T>): Promise<T> {
    return this.services.db.inTeam(this.team.id, async (db, afterCommit) => work({ ctx: this, db, afterCommit }))
  }

  /** The same for what is only shown: PostgreSQL refuses to change anything, and nobody waits for the commit. */
  reading<T>(work: (tx: TeamTx) => Promise<T>): Promise<T> {
    const read = async (db: TransactionOf<'team'>, afterCommit: TeamTx['afterCommit']) =>
      work({ ctx: this, db, afterCommit })
    return this.services.db.inTeam(this.team.id, read, 'read only')
  }
}

/** What a query needs: the checked caller and the open transaction. */
export interface TeamTx {
  readonly ctx: TeamCtx
  readonly db: TransactionOf<'team'>
  readonly afterCommit: (work: () => Promise<void>) => void
}
