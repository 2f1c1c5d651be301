/** Every URL of the panel. Views know them as `paths`. Ids and slugs are already safe in a URL. */
export const paths = {
  home: () => '/',
  setup: (token: string) => `/setup?token=${encodeURIComponent(token)}`,
  signIn: () => '/sign-in',
  signOut: () => '/sign-out',

  profile: () => '/profile',
  password: () => '/profile/password',
  sessions: () => '/profile/sessions',
  session: (id: string) => `/profile/sessions/${id}`,

  teams: () => '/teams',
  team: (team: string) => `/teams/${team}`,
  members: (team: string) => `/teams/${team}/members`,
  apiKeys: (team: string) => `/teams/${team}/api-keys`,
  apiKey: (team: string, id: string) => `/teams/${team}/api-keys/${id}`,
} as const
