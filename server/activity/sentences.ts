/** What a domain does, as the feed says it. */
const roles: Readonly<Record<string, string>> = {
  primary: 'it is the primary one',
  serve: 'it shows the site',
  redirect: 'it redirects',
}

/**
 * One table: the type of an event → what the feed says. A sentence is "who" + `before` + the thing, as a link + `after`.
 * It is also the list of all types there are: an event of another type does not compile. Events are kept for ever, so a
 * type that is no longer written stays in here.
 */
export interface Sentence {
  before: string
  after?: string
  icon: string
  tone?: 'good' | 'warning' | 'bad'
}

type Data = Readonly<Record<string, unknown>>

const sentences = {
  'team.created': () => ({ before: 'created the team', icon: 'users' }),

  'server.added': () => ({ before: 'added the server', icon: 'server' }),
  'server.updated': () => ({ before: 'changed the settings of the server', icon: 'server' }),
  'server.removed': () => ({ before: 'removed the server', icon: 'trash', tone: 'warning' }),
  'server.preparation-requested': () => ({ before: 'asked to prepare the server', icon: 'wand' }),
  'server.reachable': () => ({ before: 'reached the server', after: 'again', icon: 'server', tone: 'good' }),
  'server.unreachable': ({ why }) => ({
    before: 'could not reach the server',
    after: because(why),
    icon: 'server',
    tone: 'bad',
  }),
  'server.restarted': () => ({ before: 'noticed that the server', after: 'was restarted', icon: 'refresh' }),
  'server.host-key-pinned': () => ({ before: 'pinned the host key of the server', icon: 'shield' }),
  'server.host-key-changed': () => ({
    before: 'found another host key on the server',
    after: ', and refused it',
    icon: 'shield',
    tone: 'bad',
  }),
  'server.host-key-accepted': () => ({
    before: 'accepted the new host key of the server',
    icon: 'shield',
    tone: 'warning',
  }),
  'server.sites-domain-set': ({ domain }) => ({
    before: `set ${word(domain)} as the sites domain of`,
    icon: 'world',
  }),
  'server.sites-domain-verified': ({ domain }) => ({
    before: `found ${word(domain)} proven for all sites of`,
    icon: 'shield',
    tone: 'good',
  }),
  'server.sites-domain-removed': ({ domain }) => ({
    before: `removed the sites domain ${word(domain)} of`,
    icon: 'world',
    tone: 'warning',
  }),

  'site.created': () => ({ before: 'created the site', icon: 'world' }),
  'site.updated': ({ settings }) => ({
    before: 'changed the settings of the site',
    after: because(list(settings)),
    icon: 'settings',
  }),
  'site.environment-changed': (data) => ({
    before: 'changed the environment of the site',
    after: because(
      ['added', 'changed', 'removed']
        .flatMap((done) => (list(data[done]) ? [`${done} ${list(data[done])}`] : []))
        .join('; '),
    ),
    icon: 'variable',
  }),
  'domain.added': ({ domain }) => ({ before: `added the domain ${word(domain)} to`, icon: 'world' }),
  'domain.updated': ({ domain, role }) => ({
    before: `changed the domain ${word(domain)} of`,
    after: because(roles[word(role)]),
    icon: 'world',
  }),
  'domain.removed': ({ domain }) => ({
    before: `removed the domain ${word(domain)} from`,
    icon: 'world',
    tone: 'warning',
  }),
  'domain.verified': ({ domain }) => ({ before: `found ${word(domain)} proven for`, icon: 'shield', tone: 'good' }),
  'domain.certificate-obtained': ({ domain, issuer }) => ({
    before: `saw a new certificate for ${word(domain)} of`,
    after: because(issuer),
    icon: 'lock',
    tone: 'good',
  }),
  'domain.certificate-ending': ({ domain, days, why }) => ({
    before: `saw that the certificate for ${word(domain)} ends within ${word(days) === '1' ? 'a day' : `${word(days)} days`}, of`,
    after: because(why),
    icon: 'lock',
    tone: 'bad',
  }),
  'domain.certificate-given': ({ domain, issuer }) => ({
    before: `gave ${word(domain)} a certificate, of`,
    after: because(issuer),
    icon: 'lock',
  }),
  'domain.certificate-removed': ({ domain }) => ({
    before: `removed the certificate that was given to ${word(domain)}, of`,
    icon: 'lock',
    tone: 'warning',
  }),
  'domain.front-changed': () => ({ before: 'changed HTTPS for the domains of', icon: 'settings' }),

  'site.visitor-set': ({ visitor }) => ({ before: `gave ${word(visitor)} a password for`, icon: 'lock' }),
  'site.visitor-removed': ({ visitor }) => ({
    before: `took away the password of ${word(visitor)} for`,
    icon: 'lock',
    tone: 'warning',
  }),
  'site.headers-changed': ({ headers }) => ({
    before: 'changed the headers of',
    after: because(list(headers)),
    icon: 'settings',
  }),
  'site.maintenance-began': () => ({ before: 'put the maintenance page before', icon: 'tool', tone: 'warning' }),
  'site.maintenance-ended': () => ({ before: 'took the maintenance page away from', icon: 'tool', tone: 'good' }),
  'site.maintenance-text-changed': () => ({ before: 'changed the maintenance page of', icon: 'tool' }),

  'site.activated': () => ({ before: 'activated the site', icon: 'world', tone: 'good' }),
  'site.deactivated': () => ({ before: 'deactivated the site', icon: 'world', tone: 'warning' }),
  'site.archived': () => ({ before: 'archived the site', icon: 'world' }),
  'site.unarchived': () => ({ before: 'brought the site', after: 'back from the archive', icon: 'world' }),
  'site.removal-requested': () => ({ before: 'asked to delete the site', icon: 'trash', tone: 'warning' }),
  'site.removed': ({ leftOn }) => ({
    before: 'deleted the site',
    after: word(leftOn) && `, and left what is of it on ${word(leftOn)}`,
    icon: 'trash',
    tone: 'warning',
  }),

  'connection.created': ({ app }) => ({
    before: 'connected the repository',
    after: word(app) && `through the app ${word(app)}`,
    icon: 'git-branch',
  }),
  'connection.secret-changed': () => ({ before: 'changed the webhook secret of', icon: 'git-branch', tone: 'warning' }),
  'connection.token-set': () => ({ before: 'gave a token to the connection of', icon: 'key', tone: 'warning' }),
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

  'site.pushes-changed': ({ settings }) => ({
    before: 'changed what pushes do to the site',
    after: because(list(settings)),
    icon: 'git-branch',
  }),
  'site.previews-changed': ({ on }) => ({
    before: on ? 'let pull requests have previews of the site' : 'ended the previews of the site',
    icon: 'git-pull-request',
  }),
  'site.preview-variables-changed': ({ set, removed }) => ({
    before: 'changed the variables of previews of the site',
    after: because(list([set ?? removed])),
    icon: 'variable',
  }),
  'site.pull-request-changed': ({ number, change }) => ({
    before: `heard that ${pullRequest(number)} was ${word(change) || 'changed'}, for the site`,
    icon: 'git-pull-request',
  }),
  'site.preview-approved': ({ number }) => ({
    before: `approved a commit of ${pullRequest(number)} of the site`,
    icon: 'git-pull-request',
    tone: 'warning',
  }),
  'site.preview-removed': ({ number }) => ({
    before: `removed the preview of ${pullRequest(number)} of the site`,
    icon: 'git-pull-request',
  }),
  'site.preview-restored': ({ number }) => ({
    before: `brought the preview of ${pullRequest(number)} back, of the site`,
    icon: 'git-pull-request',
  }),
  'site.frozen': ({ reason }) => ({
    before: 'froze the site',
    after: because(reason),
    icon: 'snowflake',
    tone: 'warning',
  }),
  'site.thawed': () => ({ before: 'ended the freeze of the site', icon: 'snowflake' }),
  'site.deploy-hook-made': () => ({ before: 'made a deploy hook for the site', icon: 'webhook', tone: 'warning' }),
  'site.deploy-hook-removed': () => ({ before: 'removed the deploy hook of the site', icon: 'webhook' }),

  'deploy.requested': ({ deploy, by }) => ({
    before: `asked for deploy ${word(deploy)} of`,
    after:
      by === 'reconcile' ? ', because no webhook told of its newest commit' : by === 'hook' ? 'by its deploy hook' : '',
    icon: 'rocket',
  }),
  'deploy.rollback-requested': ({ release }) => ({
    before: `asked to go back to release ${word(release)} of`,
    icon: 'arrow-back-up',
  }),
  'deploy.began': ({ deploy, commit }) => ({
    before: `began deploy ${word(deploy)} of`,
    after: word(commit) && `, commit ${word(commit).slice(0, 7)}`,
    icon: 'rocket',
  }),
  'deploy.succeeded': ({ deploy }) => ({
    before: `put deploy ${word(deploy)} of`,
    after: 'live',
    icon: 'circle-check',
    tone: 'good',
  }),
  'deploy.failed': ({ deploy, why }) => ({
    before: `could not finish deploy ${word(deploy)} of`,
    after: because(why),
    icon: 'alert-circle',
    tone: 'bad',
  }),
  'deploy.cancelled': ({ deploy, why }) => ({
    before: `stopped deploy ${word(deploy)} of`,
    after: because(why),
    icon: 'ban',
  }),
  'deploy.rolled-back': ({ release }) => ({
    before: `took release ${word(release)} of`,
    after: 'back, because it did not keep running well',
    icon: 'arrow-back-up',
    tone: 'warning',
  }),

  'operation.succeeded': () => ({ before: 'finished', icon: 'circle-check' }),
  'operation.failed': () => ({ before: 'could not finish', icon: 'alert-circle', tone: 'bad' }),
  'operation.cancelled': () => ({ before: 'stopped', icon: 'ban' }),
  'operation.cancel-requested': () => ({ before: 'asked to cancel', icon: 'ban' }),

  'api-key.created': () => ({ before: 'made the API key', icon: 'key' }),
  'api-key.revoked': () => ({ before: 'revoked the API key', icon: 'key', tone: 'warning' }),
} as const satisfies Readonly<Record<string, (data: Data) => Sentence>>

declare module '../platform/events/event.js' {
  interface EventTypes extends Record<keyof typeof sentences, true> {}
}

export const eventTypes = Object.keys(sentences)

/**
 * What the feed says of an event, its parts so that they only have to be put one after the other. A type that only
 * another version of Hostler writes is said as it is written: `site.moved`, "site moved".
 */
export function sentenceFor(type: string, data: unknown): Sentence {
  const facts: Data = typeof data === 'object' && data !== null ? (data as Data) : {} // `as`: an object has such entries
  const known: Readonly<Record<string, (data: Data) => Sentence>> = sentences
  const found = Object.hasOwn(known, type) ? known[type]?.(facts) : undefined
  const { before, after, ...look } = found ?? { before: `${type.replace(/[.-]/g, ' ')}:`, icon: 'activity' }
  return { before: `${before} `, after: !after || /^[,:]/.test(after) ? (after ?? '') : ` ${after}`, ...look }
}

const word = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '')

const list = (value: unknown): string => (Array.isArray(value) ? value.map(word).filter(Boolean).join(', ') : '')

const pullRequest = (number: unknown): string =>
  typeof number === 'number' ? `pull request ${number}` : 'a pull request'
const onAccount = (account: unknown): string => (word(account) ? ` on ${word(account)}` : '')

/** Some of them by name, and how many more there are. */
function repositories(added: unknown, removed: unknown, all: unknown): string {
  const named = [list(added) && `${list(added)} came`, list(removed) && `${list(removed)} went`].filter(Boolean)
  const count = [added, removed].flatMap((names) => (Array.isArray(names) ? names : [])).length
  const rest = typeof all === 'number' && all > count ? ` and ${all - count} more` : ''
  return named.join(', ') + rest
}

const because = (why: unknown): string => (word(why) ? `: ${word(why)}` : '')
