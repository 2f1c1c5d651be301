import { because, type Sentences, word } from './sentence.js'

/** What happens to deploys. */
export const deploysSentences = {
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
} as const satisfies Sentences
