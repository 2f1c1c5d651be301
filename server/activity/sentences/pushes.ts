import { because, list, type Sentences, word } from './sentence.js'

/** What pushes and pull requests do. */
export const pushesSentences = {
  'delivery.refused': () => ({
    before: 'refused a webhook whose signature is not right, of',
    icon: 'git-branch',
    tone: 'warning',
  }),
  'site.pushes-changed': ({ settings }) => ({
    before: 'changed what pushes do to the site',
    after: because(list(settings)),
    icon: 'git-branch',
  }),
  'site.previews-changed': ({ on }) => ({
    before: on ? 'let pull requests have previews of the site' : 'ended the previews of the site',
    icon: 'git-pull-request',
  }),
  'site.preview-variables-changed': ({ set, removed }) => ({
    before: 'changed the variables of previews of the site',
    after: because(list([set ?? removed])),
    icon: 'variable',
  }),
  'site.pull-request-changed': ({ number, change }) => ({
    before: `heard that ${pullRequest(number)} was ${word(change) || 'changed'}, for the site`,
    icon: 'git-pull-request',
  }),
  'site.preview-approved': ({ number }) => ({
    before: `approved a commit of ${pullRequest(number)} of the site`,
    icon: 'git-pull-request',
    tone: 'warning',
  }),
  'site.preview-removed': ({ number }) => ({
    before: `removed the preview of ${pullRequest(number)} of the site`,
    icon: 'git-pull-request',
  }),
  'site.preview-restored': ({ number }) => ({
    before: `brought the preview of ${pullRequest(number)} back, of the site`,
    icon: 'git-pull-request',
  }),
  'site.frozen': ({ reason }) => ({
    before: 'froze the site',
    after: because(reason),
    icon: 'snowflake',
    tone: 'warning',
  }),
  'site.thawed': () => ({ before: 'ended the freeze of the site', icon: 'snowflake' }),
  'site.deploy-hook-made': () => ({ before: 'made a deploy hook for the site', icon: 'webhook', tone: 'warning' }),
  'site.deploy-hook-removed': () => ({ before: 'removed the deploy hook of the site', icon: 'webhook' }),
} as const satisfies Sentences

const pullRequest = (number: unknown): string =>
  typeof number === 'number' ? `pull request ${number}` : 'a pull request'
