import type { Seen, TransactionOf } from '../db/doors.js'
import type { Mode } from '../db/transact.js'
import type { Services } from '../services.js'
import { type Access, allows, allowsSomewhere, seenOf } from './access.js'
import type { Permission } from './permissions.js'

/** Who acts. It is written into every event. */
export type Actor =
  | {
      readonly kind: 'user'
      readonly id: string
      readonly name: string
      /** An operator who is in the team to help: the grant, which every event of theirs bears. */
      readonly support?: string
    }
  | { readonly kind: 'api-key'; readonly id: string; readonly name: string }
  /** A company's directory, which tells by SCIM who is in the team: the sign-in connection that it belongs to. */
  | { readonly kind: 'directory'; readonly id: string; readonly name: string }
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
  /** From where: an IP address; null for what no request brought. */
  readonly address: string | null

  protected constructor(services: Services, address: string | null) {
    this.services = services
    this.address = address
  }

  /** Only `authorize` calls this. */
  static make(services: Services, address: string | null = null): VisitorCtx {
    return new VisitorCtx(services, address)
  }

  now(): Date {
    return this.services.clock()
  }
}

/** Somebody who has given the password and still owes the second factor. Nothing but that, or leaving, is theirs to do. */
export class HalfCtx extends VisitorCtx {
  readonly actor: Actor
  readonly sessionId: string

  protected constructor(services: Services, who: { actor: Actor; sessionId: string }, address: string | null) {
    super(services, address)
    this.actor = who.actor
    this.sessionId = who.sessionId
  }

  /** Only `authorize` calls this. */
  static of(services: Services, who: { actor: Actor; sessionId: string }, address: string | null = null): HalfCtx {
    return new HalfCtx(services, who, address)
  }
}

interface Person {
  readonly actor: Actor
  readonly isOperator: boolean
  readonly sessionId: string | null
  readonly connectionId?: string | null
}

/** A signed-in person, whatever the team. */
export class PersonCtx extends VisitorCtx {
  readonly actor: Actor
  readonly isOperator: boolean
  /** Of the session this request came with; absent for an API key. */
  readonly sessionId: string | null
  /** Of the team's sign-in connection that began the session; null for one of the person's own. */
  readonly connectionId: string | null

  protected constructor(services: Services, who: Person, address: string | null) {
    super(services, address)
    this.actor = who.actor
    this.isOperator = who.isOperator
    this.sessionId = who.sessionId
    this.connectionId = who.connectionId ?? null
  }

  /** Only `authorize` calls this. */
  static of(services: Services, who: Person, address: string | null = null): PersonCtx {
    return new PersonCtx(services, who, address)
  }
}

/** Who a `TeamCtx` stands for, what they may do, and where the request is. */
export interface TeamCaller {
  readonly actor: Actor
  readonly access: Access
  readonly address?: string | null
  /** The site or server that the address names, if it names one. */
  readonly here?: string | null
  /** They were let in by what is held on the whole team alone, so all of it is there, also for who sees a part elsewhere. */
  readonly isWhole?: boolean
  /** The address is of a list, and they were let in by what they hold somewhere: it shows what is of there (AZ-02). */
  readonly listed?: Permission | null
}

/**
 * A caller whose right to act in one team was checked. Only `authorize` and `systemCtx` make one, so a query, which
 * asks for a `TeamTx`, cannot be reached without a checked caller.
 */
export class TeamCtx {
  readonly services: Services
  readonly actor: Actor
  readonly team: TeamRef
  /** From where: an IP address; null for what no request brought. */
  readonly address: string | null
  /** Null for the system, which may do everything. */
  readonly access: Access | null
  readonly #here: string | null
  readonly #isWhole: boolean
  readonly #listed: Permission | null

  private constructor(services: Services, team: TeamRef, who: Omit<TeamCaller, 'access'> & { access: Access | null }) {
    this.services = services
    this.team = team
    this.actor = who.actor
    this.access = who.access
    this.address = who.address ?? null
    this.#here = who.here ?? null
    this.#isWhole = who.isWhole ?? false
    this.#listed = who.listed ?? null
  }

  /** Only `authorize` calls this, after looking the membership up. */
  static of(services: Services, team: TeamRef, who: TeamCaller): TeamCtx {
    return new TeamCtx(services, team, who)
  }

  /** For jobs and sweeps: acts in the team's name with every permission. */
  static system(services: Services, team: TeamRef, name = hostler.name): TeamCtx {
    return new TeamCtx(services, team, { actor: { kind: 'system', id: null, name }, access: null })
  }

  /** On the site or server that is named, else on the one in the address; where there is none, in the whole team. */
  may(permission: Permission, id: string | null = this.#here): boolean {
    return this.access === null || allows(this.access, permission, id)
  }

  /** On anything at all: such as whether a list is worth offering. */
  maySomewhere(permission: Permission): boolean {
    return this.access === null || allowsSomewhere(this.access, permission)
  }

  /** All of its sites and servers, and what is of neither. */
  seesWholeTeam(): boolean {
    return this.#seen() === null
  }

  /** The servers whose own pages are open to them: fewer than those whose names stand beside their sites. */
  openServers(): readonly string[] | 'all' {
    if (this.access === null || this.access.everywhere.has('server:read')) return 'all'
    return [...this.access.on].flatMap(([id, held]) => (held.has('server:read') ? [id] : []))
  }

  now(): Date {
    return this.services.clock()
  }

  /**
   * One transaction in which only this team's rows exist (row-level security), and for who sees a part of the team only
   * the rows of that part. Everything in it is kept or nothing is; `afterCommit` runs once it is kept.
   */
  transaction<T>(work: (tx: TeamTx) => Promise<T>): Promise<T> {
    return this.#open(work)
  }

  /**
   * The same for what is only shown: PostgreSQL refuses to change anything, and nobody waits for the commit.
   * @param where for a part of a page: the rows of those sites and servers alone where this is allowed
   */
  reading<T>(work: (tx: TeamTx) => Promise<T>, where?: Permission): Promise<T> {
    return this.#open(work, 'read only', where)
  }

  #seen(where?: Permission): Seen | null {
    if (this.access === null || (this.#isWhole && where === undefined)) return null
    return seenOf(this.access, where ?? this.#listed)
  }

  #open<T>(work: (tx: TeamTx) => Promise<T>, mode?: Mode, where?: Permission): Promise<T> {
    const { db } = this.services
    const begin = (trx: TransactionOf<'team'>, afterCommit: TeamTx['afterCommit']) =>
      work({ ctx: this, db: trx, afterCommit })
    const seen = this.#seen(where)
    return seen === null ? db.inTeam(this.team.id, begin, mode) : db.inPart(this.team.id, seen, begin, mode)
  }
}

/** What a query needs: the checked caller and the open transaction. */
export interface TeamTx {
  readonly ctx: TeamCtx
  readonly db: TransactionOf<'team'>
  readonly afterCommit: (work: () => Promise<void>) => void
}
