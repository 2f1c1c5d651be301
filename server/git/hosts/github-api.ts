import type { HostApi } from './api.js'

/** https://docs.github.com/en/rest, also of GitHub Enterprise Server and of Enterprise Cloud with a domain of its own. */
export const githubApi: HostApi = {
  base(host) {
    if (host === 'github.com') return 'https://api.github.com'
    return host.endsWith('.ghe.com') ? `https://api.${host}` : `https://${host}/api/v3`
  },
  token: {
    kind: 'A fine-grained personal access token for this repository alone',
    rights: ['Commit statuses: read and write', 'Deployments: read and write'],
    path: '/settings/personal-access-tokens/new',
  },
}
