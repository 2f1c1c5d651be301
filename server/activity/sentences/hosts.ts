import { because, list, type Sentences, word } from './sentence.js'

/** What happens to repositories and to the apps that reach them. */
export const hostsSentences = {
  'connection.created': ({ app }) => ({
    before: 'connected the repository',
    after: word(app) && `through the app ${word(app)}`,
    icon: 'git-branch',
  }),
  'connection.secret-changed': ({ signingToken }) => ({
    before: 'changed the webhook secret of',
    after: signingToken === true ? 'to the signing token of its host' : '',
    icon: 'git-branch',
    tone: 'warning',
  }),
  'connection.token-set': ({ offersRepositories }) => ({
    before: 'gave a token to the connection of',
    after: offersRepositories === true ? 'and offers all repositories that it reads to new sites' : '',
    icon: 'key',
    tone: 'warning',
  }),
  'connection.token-removed': () => ({ before: 'removed the token of the connection of', icon: 'key' }),
  'connection.statuses-failed': ({ why }) => ({
    before: 'could not show a deploy on the commits of',
    after: because(why),
    icon: 'git-branch',
    tone: 'bad',
  }),
  'connection.removed': () => ({ before: 'forgot the connection to', icon: 'git-branch', tone: 'warning' }),
  'github-app.created': () => ({ before: 'connected GitHub by the app', icon: 'git-branch', tone: 'good' }),
  'github-app.removed': () => ({ before: 'forgot the GitHub App', icon: 'trash', tone: 'warning' }),
  'github-app.installed': ({ account }) => ({
    before: 'installed the GitHub App',
    after: onAccount(account).trim(),
    icon: 'git-branch',
    tone: 'good',
  }),
  'github-app.uninstalled': ({ account }) => ({
    before: 'noticed that the GitHub App',
    after: `was uninstalled${onAccount(account)}`,
    icon: 'git-branch',
    tone: 'warning',
  }),
  'github-app.suspended': ({ account }) => ({
    before: 'noticed that the GitHub App',
    after: `was suspended${onAccount(account)}`,
    icon: 'git-branch',
    tone: 'warning',
  }),
  'github-app.unsuspended': ({ account }) => ({
    before: 'noticed that the GitHub App',
    after: `may work again${onAccount(account)}`,
    icon: 'git-branch',
    tone: 'good',
  }),
  'github-app.repositories-changed': ({ account, added, removed, more }) => ({
    before: 'noticed that the GitHub App',
    after: `sees other repositories${onAccount(account)}${because(repositories(added, removed, more))}`,
    icon: 'git-branch',
  }),
} as const satisfies Sentences

const onAccount = (account: unknown): string => (word(account) ? ` on ${word(account)}` : '')

/** Some of them by name, and how many more there are. */
function repositories(added: unknown, removed: unknown, all: unknown): string {
  const named = [list(added) && `${list(added)} came`, list(removed) && `${list(removed)} went`].filter(Boolean)
  const count = [added, removed].flatMap((names) => (Array.isArray(names) ? names : [])).length
  const rest = typeof all === 'number' && all > count ? ` and ${all - count} more` : ''
  return named.join(', ') + rest
}
