/** How a host is spoken to, where a webhook is how it speaks to us. */
export interface HostApi {
  /** Where it is, for the host in a repository's address. */
  base(host: string): string
  readonly token: WantedToken
}

/** Which token a person has to make there: the least that does. */
export interface WantedToken {
  readonly kind: string
  readonly rights: readonly string[]
  /** Where it is made, below the host's own page. */
  readonly path: string
}
