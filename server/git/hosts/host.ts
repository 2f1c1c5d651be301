import type { IncomingHttpHeaders } from 'node:http'
import type { Secret } from '../../platform/secret.js'
import type { CommitSha } from '../ref-name.js'
import type { HostApi } from './api.js'
import type { PullRequest } from './pull-request.js'

/** A place where repositories are kept, and how it tells of a push. */
export interface GitHost {
  /** As people know it. */
  readonly label: string
  readonly api: HostApi
  /** Of the address that deliveries are sent to. */
  readonly path: `/webhooks/${string}`
  /** Of the headers that are kept: none that holds a secret or a signature. */
  readonly headers: Readonly<Record<'delivery' | 'event', readonly string[]>>
  /** Compares in constant time, over the bytes as they came; `now` for hosts that sign the time too. */
  isSigned(secret: Secret, bytes: Buffer, headers: IncomingHttpHeaders, now: Date): boolean
  /** Where the host itself makes a secret to sign with, which people bring here. */
  readonly signingToken?: { isWhole(token: string): boolean; readonly whatItIs: string }
  /** What a delivery says. `payload` is whatever JSON there was: nothing of it is believed to be there. */
  read(event: string, payload: unknown): HookEvent
  /** Where in the repository's settings webhooks are, below its own page. */
  readonly settings: string
  /** What to fill in there, field by field. */
  readonly steps: (url: string, hasSigningToken: boolean) => readonly Step[]
}

export interface Step {
  readonly field: string
  readonly value: string
  /** Shown to be copied. */
  readonly isCopied?: boolean
}

export type HookEvent =
  | { readonly kind: 'ping' }
  | { readonly kind: 'push'; readonly push: Push }
  | { readonly kind: 'pull-request'; readonly pullRequest: PullRequest }
  | { readonly kind: 'installation'; readonly installation: AppInstallation }
  | { readonly kind: 'branch-made' }
  | { readonly kind: 'not-used' }
  | { readonly kind: 'unreadable'; readonly why: string }

/** Of an app, on an account of the host. */
export interface AppInstallation {
  /** What the host calls it. */
  readonly number: string
  readonly account: string
  readonly selection: 'all' | 'selected'
  readonly isGone: boolean
}

export interface Push {
  /** Every spelling of the repository that the host gives, as keys. */
  readonly repositoryKeys: readonly string[]
  /** As it came: compared with what a site is pinned to, and never handed to a program. */
  readonly branch: string | null
  /** Where the branch was until then; null when it is new, or the host does not say. */
  readonly before: CommitSha | null
  /** Null when the branch was deleted. */
  readonly commit: CommitSha | null
  readonly subject: string | null
  readonly message: string
  readonly pusher: string | null
  /** Added, modified and removed; null where the host does not tell all of them. */
  readonly changedPaths: readonly string[] | null
  /** Of the app that it was told through, by the host's number. */
  readonly installation: string | null
}
