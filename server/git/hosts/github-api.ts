import { z } from 'zod'
import { Secret } from '../../platform/secret.js'
import { type DeploymentReport, type DeploymentsApi, type HostApi, type ReportState, segments } from './api.js'
import { githubComments } from './github-comments.js'
import { githubPullRequests } from './pull-request.js'

const statusStates = {
  queued: 'pending',
  running: 'pending',
  live: 'success',
  failed: 'failure',
  cancelled: 'error',
  superseded: 'error',
} as const satisfies Record<ReportState, string>

const deploymentStates = {
  queued: 'queued',
  running: 'in_progress',
  live: 'success',
  failed: 'failure',
  cancelled: 'inactive',
  superseded: 'inactive',
  removed: 'inactive',
} as const satisfies Record<DeploymentReport['state'], string>

const Deployment = z.object({ id: z.number().int(), payload: z.unknown() })
const Ours = z.object({ hostler_deploy: z.string() })

const repo = (repository: string): string => `/repos/${segments(repository)}`

/** https://docs.github.com/en/rest/deployments */
const deployments: DeploymentsApi = {
  find: ({ repository, commit, context }) => ({
    method: 'GET',
    path: `${repo(repository)}/deployments?${new URLSearchParams({ sha: commit, environment: context })}`,
  }),
  create: ({ repository, commit, context, description }, deployId) => ({
    method: 'POST',
    path: `${repo(repository)}/deployments`,
    body: {
      ref: commit,
      environment: context,
      description,
      payload: { hostler_deploy: deployId },
      // It is deployed already: nothing is to be merged or waited for.
      auto_merge: false,
      required_contexts: [],
    },
  }),
  idIn(answer, deployId) {
    const known = Array.isArray(answer) ? answer : [answer]
    for (const one of known) {
      const { data } = Deployment.safeParse(one)
      if (data && Ours.safeParse(data.payload).data?.hostler_deploy === deployId) return String(data.id)
    }
    return null
  },
  status: ({ repository, state, description, targetUrl }, remoteId, siteUrl) => ({
    method: 'POST',
    path: `${repo(repository)}/deployments/${encodeURIComponent(remoteId)}/statuses`,
    body: {
      state: deploymentStates[state],
      description,
      // The page of a deploy goes with its site.
      ...(state === 'removed' ? {} : { log_url: targetUrl }),
      ...(state === 'live' ? { environment_url: siteUrl } : {}),
    },
  }),
}

/** https://docs.github.com/en/rest, also of GitHub Enterprise Server and of Enterprise Cloud with a domain of its own. */
export const githubApi: HostApi = {
  base(webOrigin) {
    const { host } = new URL(webOrigin)
    return host === 'github.com' || host.endsWith('.ghe.com') ? `https://api.${host}` : `${webOrigin}/api/v3`
  },
  token: {
    kind: 'A fine-grained personal access token for this repository alone',
    rights: ['Commit statuses: read and write', 'Deployments: read and write', 'Pull requests: read and write'],
    path: '/settings/personal-access-tokens/new',
  },
  headers: (token) => ({
    accept: 'application/vnd.github+json',
    authorization: new Secret(`Bearer ${token.reveal()}`),
    'x-github-api-version': '2022-11-28',
  }),
  status: ({ repository, commit, state, context, description, targetUrl }) => ({
    method: 'POST',
    path: `${repo(repository)}/statuses/${commit}`,
    body: { state: statusStates[state], context, description, target_url: targetUrl },
  }),
  comments: githubComments,
  pullRequests: githubPullRequests,
  deployments,
}
