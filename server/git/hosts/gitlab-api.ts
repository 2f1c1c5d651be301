import type { HostApi } from './api.js'

/** https://docs.gitlab.com/api/commits/#commit-status */
export const gitlabApi: HostApi = {
  base: (host) => `https://${host}/api/v4`,
  token: {
    kind: 'A project access token with the role Developer, or a personal one of somebody who has it',
    rights: ['api'],
    path: '/-/user_settings/personal_access_tokens',
  },
}
