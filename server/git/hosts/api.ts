import { z } from 'zod'
import type { Secret } from '../../platform/secret.js'
import type { HookEvent } from './host.js'
import type { RepositoriesApi } from './repositories.js'

/** How a host is spoken to, where a webhook is how it speaks to us. */
export interface HostApi {
  /** Where it is, by where the pages are: `https://git.example.com`. */
  base(webOrigin: string): string
  readonly token: WantedToken
  headers(token: Secret): Readonly<Record<string, string | Secret>>
  /** Shows on a commit how a deploy of it went. */
  status(report: CommitReport): ApiCall
  /** Whether a refusal means that the host has been told before. */
  isKnown?(status: number, body: string): boolean
  readonly comments: CommentsApi
  readonly pullRequests: PullRequestsApi
  /** Where the host has a page of its own for what is deployed. */
  readonly deployments?: DeploymentsApi
  /** Where a token lists repositories to choose from. GitHub's are of one repository, and its app lists them. */
  readonly repositories?: RepositoriesApi
}

/** How a pull request stands, where no delivery tells of it. */
export interface PullRequestsApi {
  show(pullRequest: PullRequestAt): ApiCall
  /** What `show` was answered, as a delivery about that repository would say it. */
  read(answer: unknown, repositoryKey: string): HookEvent
}

/** Comments on pull requests. Hosts answer a list of them alike, the oldest first. */
export interface CommentsApi {
  list(pullRequest: PullRequestAt, page: number): ApiCall
  create(pullRequest: PullRequestAt, text: string): ApiCall
  update(pullRequest: PullRequestAt, id: string, text: string): ApiCall
}

export interface PullRequestAt {
  /** `acme/shop` */
  readonly repository: string
  readonly number: number
}

const Comment = z.object({ id: z.number().int(), body: z.string() })

/** The first comment that holds the text, of a list or of one; null where none does. */
export function commentWith(text: string, answer: unknown): string | null {
  for (const one of Array.isArray(answer) ? answer : [answer]) {
    const { data } = Comment.safeParse(one)
    if (data?.body.includes(text)) return String(data.id)
  }
  return null
}

/** Which token a person has to make there: the least that does. */
export interface WantedToken {
  readonly kind: string
  readonly rights: readonly string[]
  /** Where it is made, below the host's own page. */
  readonly path: string
}

export interface ApiCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH'
  /** Below the base. */
  readonly path: string
  readonly body?: Readonly<Record<string, unknown>>
}

export type ReportState = 'queued' | 'running' | 'live' | 'failed' | 'cancelled' | 'superseded'

export interface CommitReport {
  /** `acme/shop` */
  readonly repository: string
  readonly commit: string
  readonly state: ReportState
  /** Which of a commit's statuses it is: the next with the same name takes its place. */
  readonly context: string
  /** At most 140 characters. */
  readonly description: string
  /** The deploy's page. */
  readonly targetUrl: string
}

/** A deployment is made once for a deploy and gets statuses of its own. */
export interface DeploymentsApi {
  /** Those that there may be already, for `idIn`. */
  find(report: DeploymentReport): ApiCall
  create(report: DeploymentReport, deployId: string): ApiCall
  /** The host's id for that deploy, from what `find` or `create` answered; null where there is none. */
  idIn(answer: unknown, deployId: string): string | null
  status(report: DeploymentReport, remoteId: string, siteUrl: string): ApiCall
}

/** `removed`: what was deployed is not there any more. */
export interface DeploymentReport extends Omit<CommitReport, 'state'> {
  readonly state: ReportState | 'removed'
}

/** Whether there is another page (RFC 8288). Where it is, is not looked at: the host may give an address of its own. */
export const hasNextPage = (link: string | undefined): boolean => /;\s*rel="?next"?\s*(,|;|$)/.test(link ?? '')

/** `acme/my%20shop` */
export const segments = (path: string): string => path.split('/').map(encodeURIComponent).join('/')
