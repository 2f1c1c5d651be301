/** What visitors of a site meet before they get it, by any of its names and by its port. */
export interface Access {
  /** Who may come in; empty for everybody. The hash is bcrypt's. */
  readonly users: readonly { readonly name: string; readonly hash: string }[]
  /** Set on every answer, in place of what the site says. */
  readonly headers: readonly { readonly name: string; readonly value: string }[]
  /** Shown instead of the site; null while it is open. */
  readonly maintenance: string | null
}

export const openToAll: Access = { users: [], headers: [], maintenance: null }

export const isOpenToAll = ({ users, headers, maintenance }: Access): boolean =>
  users.length === 0 && headers.length === 0 && maintenance === null
