import { Secret } from '../../platform/secret.js'
import { type HostApi, type ReportState, segments } from './api.js'
import { giteaRepositories } from './gitea-repositories.js'
import { githubComments } from './github-comments.js'
import { githubPullRequests } from './pull-request.js'

const states = {
  queued: 'pending',
  running: 'pending',
  live: 'success',
  failed: 'failure',
  cancelled: 'error',
  superseded: 'error',
} as const satisfies Record<ReportState, string>

/** https://docs.gitea.com/api, and the same of Forgejo. */
export const giteaApi: HostApi = {
  base: (webOrigin) => `${webOrigin}/api/v1`,
  token: {
    kind: 'An access token of somebody who may write to the repository',
    rights: ['repository: read and write', 'issue: read and write'],
    path: '/user/settings/applications',
  },
  headers: (token) => ({ authorization: new Secret(`token ${token.reveal()}`) }),
  status: ({ repository, commit, state, context, description, targetUrl }) => ({
    method: 'POST',
    path: `/repos/${segments(repository)}/statuses/${commit}`,
    body: { state: states[state], context, description, target_url: targetUrl },
  }),
  comments: githubComments,
  pullRequests: githubPullRequests,
  repositories: giteaRepositories,
}
