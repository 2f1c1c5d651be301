import type { HostApi, ReportState } from './api.js'

const states = {
  queued: 'pending',
  running: 'running',
  live: 'success',
  failed: 'failed',
  cancelled: 'canceled',
  superseded: 'canceled',
} as const satisfies Record<ReportState, string>

/** https://docs.gitlab.com/api/commits/#commit-status */
export const gitlabApi: HostApi = {
  base: (host) => `https://${host}/api/v4`,
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
  // GitLab refuses the state that the commit has already.
  isKnown: (status, body) => status === 400 && body.includes('Cannot transition status'),
}
