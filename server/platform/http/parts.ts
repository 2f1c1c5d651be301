import type { Logger } from 'pino'
import type { Authorizer } from '../access/authorizer.js'
import type { Services } from '../services.js'
import type { OnDenied } from './denials.js'
import type { IdempotencyStore } from './idempotency.js'
import type { ShellOf } from './shell.js'
import type { Views } from './views.js'

/** What serving a request takes, built once by `createApp`. */
export interface HttpParts {
  readonly services: Services
  readonly authorizer: Authorizer
  readonly baseUrl: URL
  readonly log: Logger
  readonly views: Views
  readonly shellOf: ShellOf
  /** Signs what visitors are given before they sign in. The same on every web process. */
  readonly visitorKey: Buffer
  readonly idempotency: IdempotencyStore
  readonly signInPath: string
  /** Where those go who have not proven their address. */
  readonly verifyPath: string
  /** Where those who are half signed in give their second factor. */
  readonly factorPath: string
  /** Where a proof of who is there is given again. */
  readonly proofPath: string
  readonly onDenied: OnDenied
}
