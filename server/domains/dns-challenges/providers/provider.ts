import type { Secret } from '../../../platform/secret.js'

/** Whoever runs the DNS of a name, and lets a record be set there by HTTP. */
export interface DnsProvider {
  /** As people know it. */
  readonly label: string
  /** What a person has to make there. */
  readonly token: string
  /** Where it is spoken to; null where that is somebody's own. */
  readonly base: string | null
  headers(token: Secret): Readonly<Record<string, string | Secret>>
  /** Twice is once. @throws UserError where the token shows no zone of that name */
  present(ask: Ask, record: TxtRecord): Promise<void>
  /** Only this value; another that stands beside it is somebody else's. Nothing there is fine. */
  remove(ask: Ask, record: TxtRecord): Promise<void>
}

export interface TxtRecord {
  /** The whole name, without a last dot. */
  readonly name: string
  readonly value: string
}

/** The answer as JSON, or null where it is none. @throws UserError for any answer but a good one */
export type Ask = (method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) => Promise<unknown>
