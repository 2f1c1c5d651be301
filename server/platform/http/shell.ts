import type { Identity } from '../access/authorizer.js'
import type { TeamCtx, VisitorCtx } from '../access/ctx.js'

/** What surrounds a page. The layout draws what it is given, so the platform needs to know no feature. */
export interface Shell {
  readonly personName: string | null
  readonly teamName: string | null
  readonly teams: readonly Link[]
  /** Groups are drawn with a line between them. */
  readonly navigation: readonly (readonly NavigationItem[])[]
  /** Of the account menu. */
  readonly account: readonly Link[]
  /** Where signing out is posted to. */
  readonly signOutUrl: string | null
  /** A fragment: the pill of running operations, asked for every few seconds. */
  readonly runningUrl: string | null
  /** The page that searches for `?q=`. The fragment under it, `/results`, is what ⌘K shows. */
  readonly searchUrl: string | null
  readonly homeUrl: string
  /** Above every page of a team: who is in it to help. */
  readonly visits: readonly Visit[]
}

export interface Visit {
  readonly title: string
  readonly reason: string
  readonly endsAt: Date
  /** For the visitor alone: where leaving is posted to. */
  readonly leaveUrl: string | null
  /** For the team: where it can end the visit. */
  readonly href: string | null
}

export interface Link {
  readonly label: string
  readonly href: string
  readonly isCurrent?: boolean
}

export interface NavigationItem extends Link {
  readonly icon: string
}

/** Asked once for a whole page, never for a fragment. `path` tells which item is the current one. */
export type ShellOf = (identity: Identity, ctx: VisitorCtx | TeamCtx, path: string) => Promise<Shell>

/** For pages that stand alone: setup, sign-in, errors. */
export const emptyShell: Shell = {
  personName: null,
  teamName: null,
  teams: [],
  navigation: [],
  account: [],
  signOutUrl: null,
  runningUrl: null,
  searchUrl: null,
  homeUrl: '/',
  visits: [],
}
