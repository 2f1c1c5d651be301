import type { CaaRecord } from 'node:dns'
import { Resolver } from 'node:dns/promises'
import { isWildcard } from '../names.js'

/** What DNS says about a name, with why it says nothing. Judged in `judge.ts`. */

export type Answer<T> =
  | { kind: 'records'; records: readonly T[] }
  | { kind: 'none' | 'nxdomain' | 'servfail' | 'refused' | 'timeout' | 'unreachable' }

export interface Seen {
  a: Answer<string>
  aaaa: Answer<string>
  cname: Answer<string>
  caa: Answer<CaaRecord>
  proof: Answer<string>
}

/** Both families. */
export const addressesIn = ({ a, aaaa }: Pick<Seen, 'a' | 'aaaa'>): string[] =>
  [a, aaaa].flatMap((answer) => (answer.kind === 'records' ? answer.records : []))

/** Whether it was not said where the name leads. */
export const isSilent = ({ a, aaaa }: Pick<Seen, 'a' | 'aaaa'>): boolean => isUnsaid(a) || isUnsaid(aaaa)

/** Not even that there is nothing. */
export const isUnsaid = ({ kind }: Answer<unknown>): boolean =>
  kind !== 'records' && kind !== 'none' && kind !== 'nxdomain'

/** One try, then another with twice the time. */
const timing = { timeout: 1500, tries: 2 }

export class Names {
  readonly #resolver = new Resolver(timing)

  /** @param servers addresses with or without a port; without any, those of the machine */
  constructor(servers: readonly string[] = []) {
    if (servers.length > 0) this.#resolver.setServers(servers)
  }

  /** Everything that matters for a domain of a site, asked at once. */
  async lookAt(name: string, proofName: string): Promise<Seen> {
    const asked = isWildcard(name) ? oneOf(name) : name
    const [a, aaaa, cname, caa, proof] = await Promise.all([
      this.#ask(() => this.#resolver.resolve4(asked)),
      this.#ask(() => this.#resolver.resolve6(asked)),
      this.#ask(() => this.#resolver.resolveCname(asked)),
      this.#caaOf(asked),
      this.texts(proofName),
    ])
    return { a, aaaa, cname, caa, proof }
  }

  texts(name: string): Promise<Answer<string>> {
    return this.#ask(async () => (await this.#resolver.resolveTxt(name)).map((chunks) => chunks.join('')))
  }

  /** Where a name leads to, by another one. */
  async aliasOf(name: string): Promise<string | null> {
    const answer = await this.#ask(() => this.#resolver.resolveCname(name))
    return answer.kind === 'records' ? (answer.records[0] ?? null) : null
  }

  /** Those that the name itself is handed to. An alias has the servers of what it leads to, which do not count. */
  async serversAt(name: string): Promise<readonly string[]> {
    const [answer, alias] = await Promise.all([this.#ask(() => this.#resolver.resolveNs(name)), this.aliasOf(name)])
    return answer.kind === 'records' && alias === null ? answer.records : []
  }

  /** Those of the zone that it lies in; nothing where nobody says so. */
  async serversOf(name: string): Promise<readonly string[]> {
    const found = await Promise.all(upwards(name).map((one) => this.serversAt(one)))
    return found.find((servers) => servers.length > 0) ?? []
  }

  /** Both families; nothing where there is none, or where nobody answers. */
  async addressesOf(name: string): Promise<string[]> {
    const [a, aaaa] = await Promise.all([
      this.#ask(() => this.#resolver.resolve4(name)),
      this.#ask(() => this.#resolver.resolve6(name)),
    ])
    return addressesIn({ a, aaaa })
  }

  /**
   * The nearest that has any counts, from the name upwards: https://www.rfc-editor.org/rfc/rfc8659#section-3. All are asked at once, so
   * that a long name on slow name servers takes no longer than a short one.
   */
  async #caaOf(name: string): Promise<Answer<CaaRecord>> {
    const answers = await Promise.all(upwards(name).map((one) => this.#ask(() => this.#resolver.resolveCaa(one))))
    return answers.find(({ kind }) => kind !== 'none' && kind !== 'nxdomain') ?? { kind: 'none' }
  }

  async #ask<T>(ask: () => Promise<T[]>): Promise<Answer<T>> {
    try {
      const records = await ask()
      return records.length > 0 ? { kind: 'records', records } : { kind: 'none' }
    } catch (error) {
      return { kind: kindOf(error) }
    }
  }
}

/** The name and all above it, but for those of one part. */
function upwards(name: string): string[] {
  const labels = name.split('.')
  return labels.slice(0, -1).map((_, first) => labels.slice(first).join('.'))
}

/** Some name below the wildcard, as a visitor would type one. */
const oneOf = (wildcard: string): string => `hostler-check.${wildcard.slice(2)}`

const kinds = {
  ENODATA: 'none',
  ENOTFOUND: 'nxdomain',
  ESERVFAIL: 'servfail',
  EREFUSED: 'refused',
  ETIMEOUT: 'timeout',
} as const

function kindOf(error: unknown): Exclude<Answer<never>['kind'], 'records'> {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return code in kinds ? kinds[code as keyof typeof kinds] : 'unreachable' // `as`: it is one of them
}
