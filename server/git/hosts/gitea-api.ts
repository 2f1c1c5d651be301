import type { HostApi } from './api.js'

/** https://docs.gitea.com/api, and the same of Forgejo. */
export const giteaApi: HostApi = {
  base: (host) => `https://${host}/api/v1`,
  token: {
    kind: 'An access token of somebody who may write to the repository',
    rights: ['repository: read and write'],
    path: '/user/settings/applications',
  },
}
