import { because, type Sentences, word } from '../activity/activity.js'

/**
 * What belongs to no team, in words for the operator: who, what, and to whom where that is somebody else. It is also the
 * list of all types there are: an event of another type does not compile. Kept for ever, as events are.
 */
export const outsideSentences = {
  'setup.completed': () => ({ before: 'set the panel up', icon: 'circle-check' }),
  'session.started': ({ by }) => ({ before: 'signed in', after: byWhat(by), icon: 'login-2' }),
  'session.half-started': ({ by }) => ({
    before: 'gave the first of two factors',
    after: byWhat(by),
    icon: 'login-2',
  }),
  'session.refused': ({ by, again }) => ({
    before: again === true ? 'gave a wrong password where it was asked for again' : 'was not let in as',
    after: again === true ? '' : byWhat(by),
    icon: 'ban',
    tone: 'warning',
  }),
  'session.limited': () => ({ before: 'tried too often to sign in as', icon: 'ban', tone: 'warning' }),
  'session.ended': ({ why }) => ({ before: 'ended a session', after: because(why), icon: 'lock' }),
  'session.others-ended': () => ({ before: 'signed all other browsers out', icon: 'lock' }),
  'user.signed-up': () => ({ before: 'made an account', icon: 'users' }),
  'user.renamed': () => ({ before: 'took another name', icon: 'users' }),
  'user.password-changed': () => ({ before: 'changed the password', icon: 'lock', tone: 'warning' }),
  'user.email-verified': () => ({ before: 'proved the address', icon: 'circle-check' }),
  'user.email-proof-asked': () => ({ before: 'asked for a new link that proves the address', icon: 'users' }),
  'user.email-change-asked': () => ({ before: 'asked for another address', icon: 'users' }),
  'user.email-changed': () => ({ before: 'changed the address', icon: 'users', tone: 'warning' }),
  'user.email-restored': () => ({ before: 'took the address of before back', icon: 'users', tone: 'warning' }),
  'user.suspended': ({ reason }) => ({ before: 'suspended', after: because(reason), icon: 'ban', tone: 'warning' }),
  'user.restored': () => ({ before: 'let in again', icon: 'circle-check' }),
  'password-reset.made': () => ({ before: 'asked for a link to choose a new password of', icon: 'lock' }),
  'password-reset.used': () => ({ before: 'chose a new password by a link', icon: 'lock', tone: 'warning' }),
  'factor.app-begun': () => ({ before: 'began to add an authenticator app', icon: 'shield' }),
  'factor.app-added': () => ({ before: 'added an authenticator app', icon: 'shield' }),
  'factor.app-removed': () => ({ before: 'removed the authenticator app', icon: 'shield', tone: 'warning' }),
  'factor.passkey-added': () => ({ before: 'added a passkey', icon: 'key' }),
  'factor.passkey-renamed': () => ({ before: 'renamed a passkey', icon: 'key' }),
  'factor.passkey-removed': () => ({ before: 'removed a passkey', icon: 'key', tone: 'warning' }),
  'factor.all-removed': () => ({ before: 'took all second factors away from', icon: 'shield', tone: 'warning' }),
  'factor.refused': ({ by }) => ({
    before: by === 'passkey' ? 'used a passkey that was not accepted' : 'gave a wrong code',
    icon: 'ban',
    tone: 'warning',
  }),
  'recovery-codes.made': () => ({ before: 'made new recovery codes', icon: 'shield' }),
  'recovery-code.used': () => ({ before: 'used a recovery code', icon: 'shield', tone: 'warning' }),
  'identity.linked': ({ via }) => ({ before: 'linked a way to sign in', after: because(via), icon: 'login-2' }),
  'identity.unlinked': ({ provider }) => ({
    before: 'unlinked a way to sign in',
    after: because(provider),
    icon: 'login-2',
  }),
  'sign-up.chosen': ({ to }) => ({ before: 'chose who may sign up on', after: because(to), icon: 'users' }),
  'support.chosen': ({ to }) => ({ before: 'chose how support enters teams of', after: because(to), icon: 'users' }),
  'panel.sign-in-rules-changed': () => ({ before: 'changed the sign-in rules of', icon: 'lock', tone: 'warning' }),
  'mail.retried': () => ({ before: 'had sent once more a', icon: 'refresh' }),
  'mail.given-up': ({ why }) => ({
    before: 'could not send a',
    after: because(why),
    icon: 'alert-circle',
    tone: 'bad',
  }),
  'event-log.month-dropped': ({ events }) => ({
    before: 'dropped what is older than seven years of the log, the month',
    after: because(`${word(events)} events`),
    icon: 'trash',
  }),
  'deploy-hook.refused': () => ({ before: 'called a deploy hook that is', icon: 'ban', tone: 'warning' }),
  'forward.tested': () => ({ before: 'tried to send events on of', icon: 'external-link' }),
} as const satisfies Sentences

const byWhat = (by: unknown): string => (word(by) ? `by ${word(by)}` : '')

declare module '../platform/events/event.js' {
  interface OutsideEventTypes extends Record<keyof typeof outsideSentences, true> {}
}

/** What belongs to a team as a rule, and to none where there is no telling which. */
const also = ['access.denied', 'request.forged', 'api-key.refused', 'delivery.refused'] as const
const ofForwards = ['forward.set', 'forward.removed'] as const

/** For filters. */
export const outsideTypes: readonly string[] = [...Object.keys(outsideSentences), ...also, ...ofForwards]
