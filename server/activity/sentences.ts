/**
 * One table: the type of an event → what the feed says. A sentence is "who" + `before` + the thing, as a link + `after`.
 * Events are kept for ever, so a type that is no longer written stays in here.
 */
export interface Sentence {
  before: string
  after?: string
  icon: string
  tone?: 'good' | 'warning' | 'bad'
}

type Data = Readonly<Record<string, unknown>>

const sentences: Readonly<Record<string, (data: Data) => Sentence>> = {
  'team.created': () => ({ before: 'created the team', icon: 'users' }),

  'server.added': () => ({ before: 'added the server', icon: 'server' }),
  'server.updated': () => ({ before: 'changed the settings of', icon: 'server' }),
  'server.removed': () => ({ before: 'removed the server', icon: 'trash' }),
  'server.preparation-requested': () => ({ before: 'asked for', after: 'to be prepared', icon: 'wand' }),
  'server.prepared': () => ({ before: 'made', after: 'ready for sites', icon: 'wand', tone: 'good' }),
  'server.preparation-failed': () => ({ before: 'could not prepare', icon: 'wand', tone: 'bad' }),
  'server.checked': () => ({ before: 'checked', icon: 'heart-rate-monitor' }),
  'server.reachable': () => ({ before: 'reached', after: 'again', icon: 'server', tone: 'good' }),
  'server.unreachable': ({ why }) => ({ before: 'could not reach', after: because(why), icon: 'server', tone: 'bad' }),
  'server.restarted': () => ({ before: 'saw', after: 'start anew', icon: 'refresh' }),
  'server.host-key-pinned': () => ({ before: 'pinned the host key of', icon: 'shield' }),
  'server.host-key-changed': () => ({ before: 'saw another host key on', icon: 'shield', tone: 'bad' }),
  'server.host-key-accepted': () => ({ before: 'accepted the new host key of', icon: 'shield', tone: 'warning' }),

  'site.created': () => ({ before: 'created the site', icon: 'world' }),
  'site.updated': () => ({ before: 'changed the settings of', icon: 'settings' }),
  'site.removal-requested': () => ({ before: 'asked for', after: 'to be removed', icon: 'trash', tone: 'warning' }),
  'site.removed': () => ({ before: 'removed the site', icon: 'trash', tone: 'warning' }),
  'site.state-changed': ({ to, state }) => ({ before: 'made', after: word(to ?? state), icon: 'world' }),
  'site.environment-changed': () => ({ before: 'changed the environment of', icon: 'variable' }),

  'deploy.requested': ({ deploy }) => ({ before: `asked for deploy ${word(deploy)} of`, icon: 'rocket' }),
  'deploy.rollback-requested': ({ release }) => ({
    before: 'asked for',
    after: `to go back to release ${word(release)}`,
    icon: 'arrow-back-up',
  }),
  'deploy.succeeded': ({ deploy }) => ({
    before: `finished deploy ${word(deploy)} of`,
    after: 'and it is live',
    icon: 'circle-check',
    tone: 'good',
  }),
  'deploy.failed': ({ deploy, why }) => ({
    before: `saw deploy ${word(deploy)} of`,
    after: `fail${because(why)}`,
    icon: 'alert-circle',
    tone: 'bad',
  }),
  'deploy.cancelled': ({ deploy }) => ({ before: `stopped deploy ${word(deploy)} of`, icon: 'ban' }),
  'deploy.rolled-back': ({ release }) => ({
    before: `took release ${word(release)} of`,
    after: 'back',
    icon: 'arrow-back-up',
    tone: 'warning',
  }),
  'operation.succeeded': () => ({ before: 'finished', icon: 'circle-check' }),
  'operation.failed': ({ message }) => ({ before: 'could not finish', after: because(message), icon: 'alert-circle' }),
  'operation.cancelled': () => ({ before: 'stopped', icon: 'ban' }),
  'operation.cancel-requested': () => ({ before: 'asked to cancel', icon: 'ban' }),

  'api-key.created': () => ({ before: 'made the API key', icon: 'key' }),
  'api-key.revoked': () => ({ before: 'revoked the API key', icon: 'key' }),
}

/** What the feed says of an event. A type that this version does not know is said as it is written: `site.moved`, "site moved". */
export function sentenceFor(type: string, data: unknown): Sentence {
  const facts: Data = typeof data === 'object' && data !== null ? (data as Data) : {} // `as`: an object has such entries
  const known = Object.hasOwn(sentences, type) ? sentences[type] : undefined
  return known?.(facts) ?? { before: `${type.replace(/[.-]/g, ' ')}:`, icon: 'activity' }
}

const word = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '')

const because = (why: unknown): string => (word(why) ? `: ${word(why)}` : '')
