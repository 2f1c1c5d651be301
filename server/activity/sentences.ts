import { deploysSentences } from './sentences/deploys.js'
import { directoriesSentences } from './sentences/directories.js'
import { domainsSentences } from './sentences/domains.js'
import { hostsSentences } from './sentences/hosts.js'
import { pushesSentences } from './sentences/pushes.js'
import { rolesSentences } from './sentences/roles.js'
import { because, type Data, type Sentence, type Sentences, word } from './sentences/sentence.js'
import { serversSentences } from './sentences/servers.js'
import { signInSentences } from './sentences/sign-in.js'
import { sitesSentences } from './sentences/sites.js'
import { teamsSentences } from './sentences/teams.js'

/**
 * One table: the type of an event → what the feed says. It is also the list of all types there are: an event of another
 * type does not compile. Events are kept for ever, so a type that is no longer written stays in here.
 */
const sentences = {
  'team.sign-in-rules-changed': ({ requiresFactor }) => ({
    before: 'changed the sign-in rules of',
    after: requiresFactor === true ? ', which requires a second factor' : '',
    icon: 'lock',
    tone: 'warning',
  }),
  ...rolesSentences,
  ...teamsSentences,
  ...serversSentences,
  ...sitesSentences,
  ...domainsSentences,
  ...hostsSentences,
  ...pushesSentences,
  ...deploysSentences,
  ...signInSentences,
  ...directoriesSentences,
  'operation.succeeded': () => ({ before: 'finished', icon: 'circle-check' }),
  'operation.failed': () => ({ before: 'could not finish', icon: 'alert-circle', tone: 'bad' }),
  'operation.cancelled': () => ({ before: 'stopped', icon: 'ban' }),
  'operation.cancel-requested': () => ({ before: 'asked to cancel', icon: 'ban' }),
  'access.denied': ({ method, page }) => ({
    before: 'was refused in',
    after: because([word(method), word(page)].filter(Boolean).join(' ')),
    icon: 'ban',
    tone: 'warning',
  }),
  'request.forged': ({ method, page }) => ({
    before: 'was refused what no page of Hostler sent, in',
    after: because([word(method), word(page)].filter(Boolean).join(' ')),
    icon: 'ban',
    tone: 'warning',
  }),
  'forward.set': () => ({ before: 'has events sent on of', icon: 'external-link' }),
  'forward.removed': () => ({ before: 'no longer has events sent on of', icon: 'external-link', tone: 'warning' }),
  'audit.exported': ({ format }) => ({
    before: 'exported the audit log of',
    after: because(word(format)),
    icon: 'download',
  }),
  'api-key.created': () => ({ before: 'made the API key', icon: 'key' }),
  'api-key.used': () => ({ before: 'used the API key', after: 'for the first time today', icon: 'key' }),
  'api-key.rotated': () => ({ before: 'made a new key in place of the API key', icon: 'key', tone: 'warning' }),
  'api-key.refused': ({ why }) => ({
    before: 'refused the API key',
    after: because(whyRefused[word(why)]),
    icon: 'key',
    tone: 'warning',
  }),
  'api-key.revoked': () => ({ before: 'revoked the API key', icon: 'key', tone: 'warning' }),
} as const satisfies Sentences

const whyRefused: Readonly<Record<string, string>> = {
  unknown: 'there is none such',
  revoked: 'it was revoked',
  expired: 'it is over',
  'owner-gone': 'whoever made it has left the team, or is suspended',
  network: 'it is not taken from that address',
}

declare module '../platform/events/event.js' {
  interface EventTypes extends Record<keyof typeof sentences, true> {}
}

export const eventTypes = Object.keys(sentences)

/**
 * What the feed says of an event, its parts so that they only have to be put one after the other. A type that only
 * another version of Hostler writes is said as it is written: `site.moved`, "site moved".
 */
export function sentenceFor(type: string, data: unknown, more: Sentences = {}): Sentence {
  const facts: Data = typeof data === 'object' && data !== null ? (data as Data) : {} // `as`: an object has such entries
  const known: Sentences = Object.hasOwn(more, type) ? more : sentences
  const found = Object.hasOwn(known, type) ? known[type]?.(facts) : undefined
  const { before, after, ...look } = found ?? { before: `${type.replace(/[.-]/g, ' ')}:`, icon: 'activity' }
  const told = !after || /^[,:]/.test(after) ? (after ?? '') : ` ${after}`
  return { before: `${before} `, after: told + again(facts), ...look }
}

/** Of what was refused again within an hour only the first time is told at once. */
const again = ({ repeated }: Data): string => {
  if (typeof repeated !== 'number') return ''
  return repeated === 1 ? ', once more within the hour' : `, ${repeated} more times within the hour`
}
