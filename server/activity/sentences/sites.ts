import { because, list, type Sentences, word } from './sentence.js'

/** What happens to sites themselves. */
export const sitesSentences = {
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
} as const satisfies Sentences
