import type { Verdict } from './rules.js'

/** Each verdict in words: what happened, and the tone it is shown in. */
export const verdictWords: Readonly<Record<Verdict, { label: string; tone: string; text: string }>> = {
  deployed: { label: 'Deployed', tone: 'good', text: 'The push was deployed' },
  folded: { label: 'Folded', tone: 'good', text: 'A deploy was waiting already, and takes this commit too' },
  'already-deployed': { label: 'Deployed before', tone: 'neutral', text: 'This commit was deployed already' },
  'other-branch': { label: 'Other branch', tone: 'neutral', text: 'It is about another branch' },
  'no-branch': { label: 'No branch', tone: 'neutral', text: 'It is a tag, and sites follow branches' },
  'branch-deleted': {
    label: 'Branch deleted',
    tone: 'warning',
    text: 'The branch was deleted; the site stays as it is',
  },
  'auto-deploy-off': { label: 'Switched off', tone: 'warning', text: 'The site does not deploy by itself' },
  'site-closed': { label: 'Site closed', tone: 'warning', text: 'The site takes no deploys now' },
  frozen: { label: 'Frozen', tone: 'warning', text: 'The site is frozen; the newest commit is deployed afterwards' },
  skipped: { label: 'Skipped', tone: 'neutral', text: 'The commit asks not to be deployed' },
  preview: { label: 'Preview', tone: 'good', text: 'The pull request gets a preview of this commit' },
  'preview-unchanged': { label: 'No change', tone: 'neutral', text: 'Its preview has this commit already' },
  'preview-removed': {
    label: 'No preview',
    tone: 'neutral',
    text: 'The pull request is closed or its preview was removed',
  },
  'previews-off': { label: 'No previews', tone: 'neutral', text: 'The site makes no previews of pull requests' },
  'needs-approval': {
    label: 'Waits',
    tone: 'warning',
    text: 'It comes from a fork: somebody has to approve this commit',
  },
  'no-room': { label: 'Waits', tone: 'warning', text: 'The site has no more previews to give' },
  'paths-did-not-match': { label: 'Other files', tone: 'neutral', text: 'It changes none of the files that count' },
}

export const outcomeWords = {
  waiting: 'Nobody has looked at it yet',
  judged: 'It was judged for each site of the repository',
  ping: 'The host tried whether it reaches this panel: it does',
  installation: 'GitHub told that an installation of the app has changed, and is asked what is in it now',
  'branch-made': 'A branch was made: the push that comes with it decides',
  'not-used': 'Nothing here follows this kind of event',
  unreadable: 'It cannot be read',
  'other-repository': 'It is about another repository than those that whoever signed it speaks for',
} as const

export const refusedWords = {
  'bad-signature': 'The signature was wrong: the webhook has another secret than the connection or the app',
  'not-connected': 'A webhook came, but the repository is not connected, so nobody can tell whether it is genuine',
} as const
