/** What the app may do on the repositories that it is installed on: no more than the panel uses. */
export const permissions = {
  contents: 'read',
  metadata: 'read',
  statuses: 'write',
  deployments: 'write',
  pull_requests: 'write',
} as const

/** Those of installations come by themselves. */
const events = ['push', 'pull_request', 'create', 'delete'] as const

/** Names of apps are unique in all of GitHub, and have 34 characters at most. A person may change it there. */
const longestName = 34

export interface ManifestAddresses {
  readonly baseUrl: URL
  readonly teamSlug: string
  readonly webhookPath: string
  readonly createdPath: string
  readonly installedPath: string
}

/** https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest */
export const manifestOf = (to: ManifestAddresses) => {
  const at = (path: string): string => new URL(path, to.baseUrl).href
  return {
    name: `hostler-${to.teamSlug}`.slice(0, longestName),
    url: to.baseUrl.origin,
    hook_attributes: { url: at(to.webhookPath), active: true },
    redirect_url: at(to.createdPath),
    setup_url: at(to.installedPath),
    setup_on_update: false,
    // Only the account that it is made for can install it.
    public: false,
    default_permissions: permissions,
    default_events: events,
  }
}

/** Where a manifest is posted: to the settings of a person, or of an organisation. */
export function manifestAction(webUrl: string, organization: string | null, state: string): string {
  const owner = organization === null ? '' : `/organizations/${encodeURIComponent(organization)}`
  return `${webUrl}${owner}/settings/apps/new?${new URLSearchParams({ state })}`
}
