/**
 * One table: the type of an event → what the feed says. A sentence is "who" + `does` + the thing, as a link + `then`.
 * Events are kept for ever, so a type that is no longer written stays in here.
 */
export interface Sentence {
  does: string
  then?: string
  icon: string
  tone?: 'good' | 'warning' | 'bad'
}

type Data = Readonly<Record<string, unknown>>

const sentences: Readonly<Record<string, (data: Data) => Sentence>> = {
  'team.created': () => ({ does: 'created the team', icon: 'users' }),

  'server.added': () => ({ does: 'added the server', icon: 'server' }),
  'server.updated': () => ({ does: 'changed the settings of', icon: 'server' }),
  'server.removed': () => ({ does: 'removed the server', icon: 'trash' }),
  'server.preparation-requested': () => ({ does: 'asked for', then: 'to be prepared', icon: 'wand' }),
  'server.prepared': () => ({ does: 'made', then: 'ready for sites', icon: 'wand', tone: 'good' }),
  'server.preparation-failed': () => ({ does: 'could not prepare', icon: 'wand', tone: 'bad' }),
  'server.checked': () => ({ does: 'checked', icon: 'heart-rate-monitor' }),
  'server.reachable': () => ({ does: 'reached', then: 'again', icon: 'server', tone: 'good' }),
  'server.unreachable': ({ why }) => ({ does: 'could not reach', then: because(why), icon: 'server', tone: 'bad' }),
  'server.host-key-pinned': () => ({ does: 'pinned the host key of', icon: 'shield' }),
  'server.host-key-changed': () => ({ does: 'saw another host key on', icon: 'shield', tone: 'bad' }),
  'server.host-key-accepted': () => ({ does: 'accepted the new host key of', icon: 'shield', tone: 'warning' }),

  'site.created': () => ({ does: 'created the site', icon: 'world' }),
  'site.updated': () => ({ does: 'changed the settings of', icon: 'settings' }),
  'site.deletion-requested': () => ({ does: 'asked for', then: 'to be deleted', icon: 'trash', tone: 'warning' }),
  'site.deleted': () => ({ does: 'deleted the site', icon: 'trash', tone: 'warning' }),
  'site.state-changed': ({ to, state }) => ({ does: 'made', then: word(to ?? state), icon: 'world' }),
  'site.environment-changed': () => ({ does: 'changed the environment of', icon: 'variable' }),
  'environment.changed': () => ({ does: 'changed the environment of', icon: 'variable' }),

  'deploy.requested': ({ deploy }) => ({ does: `asked for deploy ${word(deploy)} of`, icon: 'rocket' }),
  'deploy.rollback-requested': ({ release }) => ({
    does: 'asked for',
    then: `to go back to release ${word(release)}`,
    icon: 'arrow-back-up',
  }),
  'deploy.succeeded': ({ deploy }) => ({
    does: `finished deploy ${word(deploy)} of`,
    then: 'and it is live',
    icon: 'circle-check',
    tone: 'good',
  }),
  'deploy.failed': ({ deploy, why }) => ({
    does: `saw deploy ${word(deploy)} of`,
    then: `fail${because(why)}`,
    icon: 'alert-circle',
    tone: 'bad',
  }),
  'deploy.cancelled': ({ deploy }) => ({ does: `stopped deploy ${word(deploy)} of`, icon: 'ban' }),
  'deploy.rolled-back': ({ release }) => ({
    does: `took release ${word(release)} of`,
    then: 'back',
    icon: 'arrow-back-up',
    tone: 'warning',
  }),
  'operation.cancel-requested': () => ({ does: 'asked to cancel', icon: 'ban' }),

  'api-key.created': () => ({ does: 'made the API key', icon: 'key' }),
  'api-key.revoked': () => ({ does: 'revoked the API key', icon: 'key' }),
}

/** What the feed says of an event. A type that this version does not know is said as it is written: `site.moved`, "site moved". */
export function sentenceFor(type: string, data: unknown): Sentence {
  const facts: Data = typeof data === 'object' && data !== null ? (data as Data) : {} // `as`: an object has such entries
  const known = Object.hasOwn(sentences, type) ? sentences[type] : undefined
  return known?.(facts) ?? { does: `${type.replace(/[.-]/g, ' ')}:`, icon: 'activity' }
}

const word = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '')

const because = (why: unknown): string => (word(why) ? `: ${word(why)}` : '')
