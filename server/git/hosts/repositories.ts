import { z } from 'zod'
import type { ApiCall } from './api.js'

/** The repositories that whoever made a token works with: asked for page by page, so that people can choose one. */
export interface RepositoriesApi {
  /** What the token has to be allowed for it. */
  readonly right: string
  /** Asked before the list, by hosts that search everybody's unless they are told for whom. */
  readonly whose?: ApiCall
  list(wanted: WantedRepositories): ApiCall
  /** What `list` was answered with; null where it is no list. One that cannot be read is left out. */
  read(answer: unknown): readonly HostRepository[] | null
}

export interface WantedRepositories {
  readonly search: string | null
  readonly page: number
  readonly limit: number
  /** The host's number for who made the token; null unless `whose` was asked. */
  readonly person: number | null
}

export interface HostRepository {
  /** As its owner spells it: `Acme/Shop`. */
  readonly name: string
  /** To clone from, as it came. */
  readonly url: string
  /** Null where the host does not say. */
  readonly isPrivate: boolean | null
  /** Empty where it has none yet. */
  readonly defaultBranch: string
}

const Person = z.object({ id: z.int().positive() })

/** Who `whose` says the token is of; null where it says nothing of the kind. */
export const personIn = (answer: unknown): number | null => Person.safeParse(answer).data?.id ?? null

/** Those of a list that can be read. */
export function readEach<Row>(
  list: readonly unknown[],
  schema: z.ZodType<Row>,
  view: (row: Row) => HostRepository,
): HostRepository[] {
  return list.flatMap((one) => {
    const { data } = schema.safeParse(one)
    return data === undefined ? [] : [view(data)]
  })
}
