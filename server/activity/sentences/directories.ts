import { onWhat } from './roles.js'
import { because, list, type Sentences, word } from './sentence.js'

/** What a company's directory tells, and who let it. */
export const directoriesSentences = {
  'directory.token-created': () => ({ before: 'made a token for the directory', icon: 'key', tone: 'warning' }),
  'directory.token-rotated': () => ({ before: 'made a new token for the directory', icon: 'key', tone: 'warning' }),
  'directory.token-revoked': () => ({ before: 'revoked a token of the directory', icon: 'key', tone: 'warning' }),
  'directory.used': () => ({ before: 'used the directory', after: 'for the first time today', icon: 'key' }),
  'directory.person-added': ({ active }) => ({
    before: 'told of',
    after: active === false ? ', who is not active' : '',
    icon: 'users',
  }),
  'directory.person-changed': ({ settings }) => ({
    before: 'changed what it says of',
    after: because(list(settings)),
    icon: 'users',
  }),
  'directory.person-joined': ({ role }) => ({
    before: 'put into the team',
    after: word(role) && `, with the role ${word(role)}`,
    icon: 'users',
    tone: 'warning',
  }),
  'directory.person-removed': () => ({ before: 'no longer knows', icon: 'users', tone: 'warning' }),
  'directory.group-added': () => ({ before: 'told of the group', icon: 'users' }),
  'directory.group-renamed': () => ({ before: 'renamed a group to', icon: 'users' }),
  'directory.group-changed': () => ({ before: 'took over another id of the group', icon: 'users' }),
  'directory.group-members-changed': ({ added, removed }) => ({
    before: 'changed who is in the group',
    after: because([some('with', added), some('without', removed)].filter(Boolean).join(', ')),
    icon: 'users',
  }),
  'directory.group-removed': () => ({ before: 'removed the group', icon: 'users', tone: 'warning' }),
  'directory.role-mapped': ({ role, on, thing }) => ({
    before: 'gave the group',
    after: `the role ${word(role)} on ${onWhat(on, thing)}`,
    icon: 'users',
    tone: 'warning',
  }),
  'directory.role-unmapped': ({ role, on, thing }) => ({
    before: 'took from the group',
    after: `the role ${word(role)} on ${onWhat(on, thing)}`,
    icon: 'users',
    tone: 'warning',
  }),
} as const satisfies Sentences

const some = (how: string, names: unknown): string => (list(names) ? `${how} ${list(names)}` : '')
