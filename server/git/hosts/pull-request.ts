import { z } from 'zod'
import { type CommitSha, parseCommitSha } from '../ref-name.js'
import { type PullRequestsApi, segments } from './api.js'
import type { HookEvent } from './host.js'
import { address, keysOf } from './push.js'

/** How a pull request stands, whatever it was that happened to it. GitLab calls it a merge request. */
export interface PullRequest {
  /** Of the repository that it wants to get into. */
  readonly repositoryKeys: readonly string[]
  readonly number: number
  readonly title: string
  readonly author: string | null
  readonly isOpen: boolean
  readonly commit: CommitSha
  /** As it came, and perhaps of another repository: shown, and never handed to a program. */
  readonly headBranch: string
  readonly baseBranch: string
  /** Its commits are in a repository that others may write to. So is one that is gone. */
  readonly isFork: boolean
  /** Of the app that it was told through, by the host's number. */
  readonly installation: string | null
  /** Null where the host does not say; deliveries may come in another order than they were sent. */
  readonly updatedAt: Date | null
}

export const number = z.int().min(1).max(2_147_483_647)
export const branch = z.string().min(1).max(1000)
export const repositoryId = z.object({ id: z.number().int() }).nullish().catch(null)

/** GitHub, and Gitea after it: https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request */
const GithubPullRequest = z.object({
  number,
  title: address,
  state: z.string().max(20),
  user: z.object({ login: address }).nullish().catch(null),
  head: z.object({ ref: branch, sha: z.string().max(100), repo: repositoryId }),
  base: z.object({ ref: branch, repo: repositoryId }),
  updated_at: address,
})

const GithubDelivery = z.object({
  pull_request: GithubPullRequest,
  repository: z.object({ clone_url: address, ssh_url: address, html_url: address }),
})

/** What GitHub and Gitea send alike. */
export function readPullRequest(payload: unknown, installation: string | null = null): HookEvent {
  const { data } = GithubDelivery.safeParse(payload)
  if (!data) return unreadablePullRequest
  const { pull_request: it, repository } = data
  return githubPullRequestOf(it, keysOf([repository.clone_url, repository.ssh_url, repository.html_url]), installation)
}

/** What they answer alike: https://docs.github.com/en/rest/pulls/pulls#get-a-pull-request */
export const githubPullRequests: PullRequestsApi = {
  show: ({ repository, number }) => ({ method: 'GET', path: `/repos/${segments(repository)}/pulls/${number}` }),
  read(answer, repositoryKey) {
    const { data } = GithubPullRequest.safeParse(answer)
    return data ? githubPullRequestOf(data, [repositoryKey], null) : unreadablePullRequest
  },
}

function githubPullRequestOf(
  it: z.output<typeof GithubPullRequest>,
  keys: readonly string[],
  installation: string | null,
): HookEvent {
  const { head, base } = it
  return pullRequestOf({
    installation,
    keys,
    number: it.number,
    title: it.title,
    author: it.user?.login,
    isOpen: it.state === 'open',
    sha: head.sha,
    headBranch: head.ref,
    baseBranch: base.ref,
    isFork: !head.repo || !base.repo || head.repo.id !== base.repo.id,
    updatedAt: it.updated_at,
  })
}

export interface PullRequestParts {
  installation?: string | null
  keys: readonly string[]
  number: number
  title: string | null | undefined
  author: string | null | undefined
  isOpen: boolean
  sha: string
  headBranch: string
  baseBranch: string
  isFork: boolean
  updatedAt: string | null | undefined
}

export function pullRequestOf({
  keys,
  installation,
  sha,
  title,
  author,
  updatedAt,
  ...rest
}: PullRequestParts): HookEvent {
  const commit = commitIn(sha)
  if (commit === null || keys.length === 0) return unreadablePullRequest
  const at = Date.parse(updatedAt ?? '')
  const pullRequest: PullRequest = {
    ...rest,
    repositoryKeys: keys,
    installation: installation ?? null,
    commit,
    title: title?.slice(0, 300) || 'No title',
    author: author?.slice(0, 100) ?? null,
    headBranch: rest.headBranch.slice(0, 300),
    updatedAt: Number.isNaN(at) ? null : new Date(at),
  }
  return { kind: 'pull-request', pullRequest }
}

function commitIn(text: string): CommitSha | null {
  try {
    return parseCommitSha(text)
  } catch {
    return null
  }
}

export const unreadablePullRequest: HookEvent = {
  kind: 'unreadable',
  why: 'It is not what this host sends for a pull request',
}
