import type { CommentsApi, HostApi, PullRequestAt, ReportState } from './api.js'
import { gitlabPullRequests } from './gitlab-pull-requests.js'
import { gitlabRepositories } from './gitlab-repositories.js'

const states = {
  queued: 'pending',
  running: 'running',
  live: 'success',
  failed: 'failed',
  cancelled: 'canceled',
  superseded: 'canceled',
} as const satisfies Record<ReportState, string>

const notes = ({ repository, number }: PullRequestAt) =>
  `/projects/${encodeURIComponent(repository)}/merge_requests/${number}/notes`

/** https://docs.gitlab.com/api/notes/#merge-requests */
const comments: CommentsApi = {
  list: (at, page) => ({ method: 'GET', path: `${notes(at)}?per_page=100&page=${page}&sort=asc` }),
  create: (at, body) => ({ method: 'POST', path: notes(at), body: { body } }),
  update: (at, id, body) => ({ method: 'PUT', path: `${notes(at)}/${encodeURIComponent(id)}`, body: { body } }),
}

/** https://docs.gitlab.com/api/commits/#commit-status */
export const gitlabApi: HostApi = {
  base: (webOrigin) => `${webOrigin}/api/v4`,
  token: {
    kind: 'A project access token with the role Developer, or a personal one of somebody who has it',
    rights: ['api'],
    path: '/-/user_settings/personal_access_tokens',
  },
  headers: (token) => ({ 'private-token': token }),
  status: ({ repository, commit, state, context, description, targetUrl }) => ({
    method: 'POST',
    path: `/projects/${encodeURIComponent(repository)}/statuses/${commit}`,
    body: { state: states[state], name: context, description, target_url: targetUrl },
  }),
  comments,
  pullRequests: gitlabPullRequests,
  repositories: gitlabRepositories,
  // GitLab refuses the state that the commit has already.
  isKnown: (status, body) => status === 400 && body.includes('Cannot transition status'),
}
