import { type Sentences, word } from './sentence.js'

/** Who may do what. */
export const rolesSentences = {
  'role.created': () => ({ before: 'made the role', icon: 'users', tone: 'warning' }),
  'role.changed': () => ({ before: 'changed what the role', after: 'allows', icon: 'users', tone: 'warning' }),
  'role.removed': () => ({ before: 'removed the role', icon: 'users', tone: 'warning' }),
  'role.given': ({ role, on, thing, byGroup }) => ({
    before: 'gave',
    after: `the role ${word(role)} on ${onWhat(on, thing)}${byWhat(byGroup)}`,
    icon: 'users',
    tone: 'warning',
  }),
  'role.taken': ({ role, on, thing, byGroup }) => ({
    before: 'took from',
    after: `the role ${word(role)} on ${onWhat(on, thing)}${byWhat(byGroup)}`,
    icon: 'users',
    tone: 'warning',
  }),
  'site-group.created': () => ({ before: 'made the group of sites', icon: 'folder' }),
  'site-group.renamed': ({ before }) => ({
    before: 'renamed the group of sites to',
    after: typeof before === 'object' && before !== null && 'name' in before ? `, which was ${word(before.name)}` : '',
    icon: 'folder',
  }),
  'site-group.removed': () => ({ before: 'removed the group of sites', icon: 'folder', tone: 'warning' }),
  'site-group.site-added': ({ group }) => ({ before: 'put', after: `into the group ${word(group)}`, icon: 'folder' }),
  'site-group.site-dropped': ({ group }) => ({
    before: 'took',
    after: `out of the group ${word(group)}`,
    icon: 'folder',
  }),
} as const satisfies Sentences

const byWhat = (group: unknown): string => (word(group) ? `, by the group ${word(group)}` : '')

export const onWhat = (on: unknown, thing: unknown): string =>
  on === 'team' || !word(thing) ? 'the whole team' : on === 'group' ? `the sites of ${word(thing)}` : word(thing)
