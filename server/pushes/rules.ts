import type { Gap } from '../git/history.js'
import type { Push } from '../git/hosts/host.js'
import type { SitesRow } from '../platform/db/tables.js'
import { matchesGlob } from './globs.js'

/** Why a push did, or did not, deploy a site. */
export const verdicts = [
  'deployed',
  'folded',
  'already-deployed',
  'other-branch',
  'no-branch',
  'branch-deleted',
  'auto-deploy-off',
  'site-closed',
  'frozen',
  'skipped',
  'paths-did-not-match',
  'preview',
  'preview-unchanged',
  'preview-removed',
  'previews-off',
  'needs-approval',
  'no-room',
] as const

export type Verdict = (typeof verdicts)[number]

/** Those of pull requests alone. */
export const ofPreviews: readonly Verdict[] = [
  ...(['preview', 'preview-unchanged', 'preview-removed'] as const),
  ...(['previews-off', 'needs-approval', 'no-room'] as const),
]

/** For good: to ask the repository later does not deploy it after all. A push that a freeze holds back is not lost. */
export const isLeftOut = (verdict: Judgement['verdict']): boolean =>
  verdict === 'skipped' || verdict === 'paths-did-not-match'

export interface Judgement {
  /** `deployed` where nothing is in the way: the caller makes it so. */
  readonly verdict: Exclude<Verdict, 'folded'>
  /** What a person needs to know to change it. */
  readonly detail: string | null
}

export type PushedSite = Pick<
  SitesRow,
  | 'branch'
  | 'state'
  | 'state_reason'
  | 'delete_requested_at'
  | 'auto_deploy'
  | 'watched_paths'
  | 'ignored_paths'
  | 'frozen_until'
  | 'frozen_reason'
  | 'seen_commit'
  | 'seen_deployed'
>

/** The first reason that holds is the one that is told, so those come first that a person would look for first. */
export function judge(push: Push, site: PushedSite, now: Date, team: { why: string } | null = null): Judgement {
  if (push.branch === null) return because('no-branch')
  if (push.branch !== site.branch) return because('other-branch', `The site is pinned to ${site.branch}`)
  if (push.commit === null) return because('branch-deleted')
  if (!site.auto_deploy) return because('auto-deploy-off')
  const closed = team?.why ?? whyClosed(site)
  if (closed) return because('site-closed', closed)
  if (site.seen_deployed && site.seen_commit === push.commit) return because('already-deployed')
  if (isFrozen(site, now)) return because('frozen', site.frozen_reason)
  const word = skipWord(push.message)
  if (word) return because('skipped', `The commit message says ${word}`)
  return judgePaths(push, site)
}

const because = (verdict: Judgement['verdict'], detail: string | null = null): Judgement => ({ verdict, detail })

function whyClosed({ state, state_reason, delete_requested_at }: PushedSite): string | null {
  if (delete_requested_at) return 'The site is being deleted'
  if (state === 'active' || state === 'inactive') return null
  return (state === 'suspended' && state_reason) || `The site is ${state}`
}

export const isFrozen = ({ frozen_until }: Pick<SitesRow, 'frozen_until'>, now: Date): boolean =>
  frozen_until !== null && frozen_until > now

/** Anywhere in the message of the newest commit, in any case, as other tools take it. */
export const skipWord = (message: string): string | null =>
  /\[(skip ci|ci skip|no ci|skip deploy|deploy skip)\]/i.exec(message)?.[0] ?? null

/**
 * What nobody told of, as one: it is left out where every commit asks for that, or where all of them together change no file
 * that counts.
 */
export function judgeGap({ messages, changedPaths }: Gap, site: PushedSite): Judgement {
  const words = messages.map(skipWord)
  if (words.length > 0 && words.every((word) => word !== null))
    return because('skipped', `Each commit message says ${words[0]}`)
  return judgePaths({ changedPaths }, site)
}

/** What is not known to be left out is not left out: a deploy too many is better than one too few. */
function judgePaths(
  push: Pick<Push, 'changedPaths'>,
  { watched_paths: watched, ignored_paths: ignored }: PushedSite,
): Judgement {
  if (push.changedPaths === null || (watched.length === 0 && ignored.length === 0)) return because('deployed')
  const isWatched = (path: string) =>
    (watched.length === 0 || watched.some((glob) => matchesGlob(glob, path))) &&
    !ignored.some((glob) => matchesGlob(glob, path))
  if (push.changedPaths.some(isWatched)) return because('deployed')
  const [first = 'nothing', ...more] = push.changedPaths
  return because('paths-did-not-match', `It changes ${first}${more.length > 0 ? ` and ${more.length} more` : ''}`)
}

/** Why this is no pattern, in words; null when it is one. */
export const globFault = (glob: string): string | null =>
  globFaults.find(([broken]) => broken.test(glob))?.[1] ?? (glob.length > 200 ? 'it is too long' : null)

const globFaults: readonly (readonly [RegExp, string])[] = [
  [/^$/, 'it is empty'],
  [/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Surrogate}]/u, 'it holds a character that nobody sees'],
  [/^!/, 'write what is left out into the other field, without the !'],
  [/[{}[\]()|\\]/, 'a pattern knows *, ** and ? only, and / between folders'],
  [/^\/|\/\//, 'it begins inside the repository, such as apps/web/**'],
]

/** Deliveries are kept so long. */
export const keptDays = 30

/** How often a site's branch is asked for when nothing was heard of it. */
export const reconcileEveryMs = 5 * 60_000

/** After the n-th failure in a row: 5, 10, 20, 40 minutes, then every hour. */
export const reconcileAfterMs = (failures: number): number =>
  Math.min(reconcileEveryMs * 2 ** Math.max(0, failures - 1), 3600_000)
