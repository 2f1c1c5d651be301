import { whyFreed } from './domains.js'
import { because, type Sentences, word } from './sentence.js'

/** What happens to servers. */
export const serversSentences = {
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
  'server.sites-domain-freed': ({ domain, why }) => ({
    before: `took the sites domain ${word(domain)} away from`,
    after: because(whyFreed[word(why)]),
    icon: 'shield',
    tone: 'bad',
  }),
  'server.sites-domain-removed': ({ domain }) => ({
    before: `removed the sites domain ${word(domain)} of`,
    icon: 'world',
    tone: 'warning',
  }),
} as const satisfies Sentences
