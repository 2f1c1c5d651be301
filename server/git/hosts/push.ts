import { z } from 'zod'
import { type CommitSha, parseCommitSha } from '../ref-name.js'
import { maybeRepositoryKey } from '../repository-key.js'
import type { HookEvent, Push } from './host.js'

/** What the hosts' pushes have in common. Whatever is not as expected is left out, but for what a push cannot be without. */

const text = z.string().max(5000).nullish().catch(null)
const paths = z.array(z.string()).nullish().catch(null)

export const Commit = z.object({
  id: text,
  message: z.string().nullish().catch(null),
  added: paths,
  modified: paths,
  removed: paths,
})
export type Commit = z.output<typeof Commit>

export const pushFields = {
  ref: z.string().max(1000),
  before: z.string().max(100).nullish().catch(null),
  after: z.string().max(100),
  commits: z
    .array(z.unknown())
    .nullish()
    .catch(null)
    .transform((list) => list?.map((commit) => Commit.nullable().catch(null).parse(commit)) ?? null),
}

export const address = text

const nothing = /^0+$/

/** The commit that a branch points to now; null for a branch that is gone; undefined for what is no hash. */
export function commitOf(after: string): CommitSha | null | undefined {
  if (nothing.test(after)) return null
  try {
    return parseCommitSha(after)
  } catch {
    return undefined
  }
}

export const keysOf = (addresses: readonly (string | null | undefined)[]): string[] => [
  ...new Set(addresses.flatMap((one) => (one ? (maybeRepositoryKey(one) ?? []) : []))),
]

/**
 * All files that the commits touch. Null where they are not all there: fewer commits than there are, or a commit without
 * its lists. A commit of which nothing is known may have touched anything.
 */
export function changedPaths(commits: readonly (Commit | null)[] | null, total: number | null): string[] | null {
  if (!commits || commits.length === 0 || (total !== null && total > commits.length)) return null
  const lists = commits.flatMap((commit) => [commit?.added, commit?.modified, commit?.removed])
  if (lists.some((list) => !list)) return null
  return [...new Set(lists.flatMap((list) => list ?? []))]
}

export interface PushParts {
  ref: string
  before: string | null | undefined
  after: string
  keys: readonly string[]
  message: string | null | undefined
  pusher: string | null | undefined
  changedPaths: readonly string[] | null
  installation?: string | null
}

/** A ref that is no branch (a tag) is a push with no branch. */
export function pushOf(parts: PushParts): HookEvent {
  const commit = commitOf(parts.after)
  if (commit === undefined) return { kind: 'unreadable', why: 'It does not say which commit the branch has now' }
  if (parts.keys.length === 0) return { kind: 'unreadable', why: 'It does not say which repository it is about' }
  const message = parts.message ?? ''
  const push: Push = {
    repositoryKeys: parts.keys,
    branch: parts.ref.startsWith('refs/heads/') ? parts.ref.slice('refs/heads/'.length) : null,
    before: commitOf(parts.before ?? '') ?? null,
    commit,
    message,
    subject: message.split(/\r?\n/, 1)[0]?.slice(0, 300) || null,
    pusher: parts.pusher?.slice(0, 100) ?? null,
    changedPaths: parts.changedPaths,
    installation: parts.installation ?? null,
  }
  return { kind: 'push', push }
}

export const unreadable: HookEvent = { kind: 'unreadable', why: 'It is not what this host sends for a push' }
