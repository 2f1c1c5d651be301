import { because, list, type Sentences, word } from './sentence.js'

/** How a team's people sign in by its own identity provider. */
export const signInSentences = {
  'sign-in-connection.created': () => ({ before: 'let people sign in by', icon: 'login-2' }),
  'sign-in-connection.changed': ({ settings }) => ({
    before: 'changed the sign-in by',
    after: because(list(settings)),
    icon: 'login-2',
  }),
  'sign-in-connection.removed': () => ({ before: 'ended the sign-in by', icon: 'login-2', tone: 'warning' }),
  'sign-in-connection.used': () => ({ before: 'signed in by', icon: 'login-2' }),
  'sign-in-connection.member-joined': ({ role }) => ({
    before: 'joined the team by signing in by',
    after: word(role) && `, with the role ${word(role)}`,
    icon: 'users',
  }),
  'sign-in-connection.refused': ({ refusal }) => ({
    before: 'let somebody not in by',
    after: because(reasons[word(refusal)]),
    icon: 'ban',
    tone: 'warning',
  }),
  'sign-in-requirement.set': ({ requires }) => ({
    before: 'opened only to its own sign-in the team',
    after: because(list(requires)),
    icon: 'lock',
    tone: 'warning',
  }),
  'sign-in-requirement.dropped': () => ({
    before: 'opened to every way of signing in the team',
    icon: 'lock',
    tone: 'warning',
  }),
  'domain-claim.added': () => ({ before: 'said that addresses are the team’s, of', icon: 'world' }),
  'domain-claim.proven': () => ({
    before: 'saw the proof that addresses are the team’s, of',
    icon: 'world',
    tone: 'good',
  }),
  'domain-claim.lost': () => ({
    before: 'no longer sees the proof that addresses are the team’s, of',
    icon: 'world',
    tone: 'bad',
  }),
  'domain-claim.removed': () => ({
    before: 'gave up that addresses are the team’s, of',
    icon: 'world',
    tone: 'warning',
  }),
} as const satisfies Sentences

const reasons: Readonly<Record<string, string>> = {
  'not-begun-here': 'what came back was not begun in that browser',
  'stopped-there': 'it was stopped at the provider',
  'not-proven': 'what the provider said could not be checked',
  unreachable: 'the provider could not be reached',
  'account-exists': 'their address has an account that is not linked',
  'given-more': 'their account has been given more than newcomers get',
  'not-invited': 'nobody has let them into the team',
  'not-a-member': 'they are no member, or disabled',
  'somebody-elses': 'that account belongs to somebody else here',
}
