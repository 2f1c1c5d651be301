/** Every URL of the panel. Views know them as `paths`. Ids and slugs are already safe in a URL. */
export const paths = {
  home: () => '/',
  setup: (token?: string) => (token === undefined ? '/setup' : `/setup?token=${encodeURIComponent(token)}`),
  signIn: () => '/sign-in',
  passwordReset: (token?: string) =>
    token === undefined ? '/password-reset' : `/password-reset?token=${encodeURIComponent(token)}`,
  signOut: () => '/sign-out',

  profile: () => '/profile',
  password: () => '/profile/password',
  sessions: () => '/profile/sessions',
  session: (id: string) => `/profile/sessions/${id}`,

  teams: () => '/teams',
  team: (team: string) => `/teams/${team}`,
  homeNow: (team: string) => `/teams/${team}/home/now`,
  search: (team: string) => `/teams/${team}/search`,
  activity: (team: string) => `/teams/${team}/activity`,
  activityVerification: (team: string) => `/teams/${team}/activity/verification`,
  members: (team: string) => `/teams/${team}/members`,
  apiKeys: (team: string) => `/teams/${team}/api-keys`,
  apiKey: (team: string, id: string) => `/teams/${team}/api-keys/${id}`,

  servers: (team: string) => `/teams/${team}/servers`,
  newServer: (team: string) => `/teams/${team}/servers/new`,
  server: (team: string, server: string) => `/teams/${team}/servers/${server}`,
  serverOverview: (team: string, server: string) => `/teams/${team}/servers/${server}/overview`,
  serverChecks: (team: string, server: string) => `/teams/${team}/servers/${server}/checks`,
  serverPreparation: (team: string, server: string) => `/teams/${team}/servers/${server}/preparation`,
  serverReadings: (team: string, server: string, hours: number) =>
    `/teams/${team}/servers/${server}/readings?hours=${hours}`,
  serverSettings: (team: string, server: string) => `/teams/${team}/servers/${server}/settings`,
  serverHostKey: (team: string, server: string) => `/teams/${team}/servers/${server}/host-key`,

  operations: (team: string) => `/teams/${team}/operations`,
  operationsPill: (team: string) => `/teams/${team}/operations/pill`,
  operation: (team: string, id: string) => `/teams/${team}/operations/${id}`,
  operationSteps: (team: string, id: string) => `/teams/${team}/operations/${id}/steps`,
  operationStream: (team: string, id: string) => `/teams/${team}/operations/${id}/log/stream`,
  operationLogFile: (team: string, id: string) => `/teams/${team}/operations/${id}/log/file`,
  operationCancellation: (team: string, id: string) => `/teams/${team}/operations/${id}/cancellation`,

  sites: (team: string) => `/teams/${team}/sites`,
  newSite: (team: string) => `/teams/${team}/sites/new`,
  site: (team: string, site: string) => `/teams/${team}/sites/${site}`,
  siteNow: (team: string, site: string) => `/teams/${team}/sites/${site}/now`,
  siteSettings: (team: string, site: string) => `/teams/${team}/sites/${site}/settings`,
  siteSource: (team: string, site: string) => `/teams/${team}/sites/${site}/source`,
  siteSourceCheck: (team: string, site: string) => `/teams/${team}/sites/${site}/source/check`,
  siteActivation: (team: string, site: string) => `/teams/${team}/sites/${site}/activation`,
  siteArchive: (team: string, site: string) => `/teams/${team}/sites/${site}/archive`,
  siteLogs: (team: string, site: string) => `/teams/${team}/sites/${site}/logs`,
  siteLogStream: (team: string, site: string) => `/teams/${team}/sites/${site}/logs/stream`,
  siteLogFile: (team: string, site: string) => `/teams/${team}/sites/${site}/logs/file`,
  siteDrafts: (team: string) => `/teams/${team}/sites/drafts`,
  siteDraft: (team: string, draft: string) => `/teams/${team}/sites/drafts/${draft}`,
  siteDraftLook: (team: string, draft: string) => `/teams/${team}/sites/drafts/${draft}/look`,
  siteDraftSite: (team: string, draft: string) => `/teams/${team}/sites/drafts/${draft}/site`,
  environment: (team: string, site: string) => `/teams/${team}/sites/${site}/environment`,
  variables: (team: string, site: string) => `/teams/${team}/sites/${site}/environment/variables`,
  environmentPaste: (team: string, site: string) => `/teams/${team}/sites/${site}/environment/paste`,
  environmentPreview: (team: string, site: string) => `/teams/${team}/sites/${site}/environment/preview`,
  variable: (team: string, site: string, key: string) =>
    `/teams/${team}/sites/${site}/environment/variables/${encodeURIComponent(key)}`,

  deploys: (team: string, site: string) => `/teams/${team}/sites/${site}/deploys`,
  deploy: (team: string, site: string, number: number) => `/teams/${team}/sites/${site}/deploys/${number}`,
  deployProgress: (team: string, site: string, number: number) =>
    `/teams/${team}/sites/${site}/deploys/${number}/progress`,
  deployCancellation: (team: string, site: string, number: number) =>
    `/teams/${team}/sites/${site}/deploys/${number}/cancellation`,
  releases: (team: string, site: string) => `/teams/${team}/sites/${site}/releases`,
  comparison: (team: string, site: string, from: number, to: number) =>
    `/teams/${team}/sites/${site}/comparison?from=${from}&to=${to}`,
  rollbacks: (team: string, site: string) => `/teams/${team}/sites/${site}/rollbacks`,
} as const
