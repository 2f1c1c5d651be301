import type { PullRequest } from '../git/hosts/pull-request.js'
import type { PreviewSettingsRow, PreviewsRow } from '../platform/db/tables.js'

export type PreviewSettings = Pick<PreviewSettingsRow, 'is_on' | 'most' | 'kept_days'>

/** Of a site for which nobody has said anything. */
export const untouched: PreviewSettings = { is_on: false, most: 5, kept_days: 14 }

/** What came of a pull request for one site, as the inbox tells it. */
export type PreviewVerdict =
  | 'preview'
  | 'preview-unchanged'
  | 'preview-removed'
  | 'previews-off'
  | 'other-branch'
  | 'needs-approval'
  | 'no-room'
  | 'site-closed'

/** How a pull request stands: where it is not `wanted`, why it has no preview, or not of its newest commit. */
export type Standing =
  | 'wanted'
  | 'off'
  | 'closed'
  | 'other-repository'
  | 'other-branch'
  | 'removed'
  | 'needs-approval'
  | 'no-room'

type Standable = Pick<
  PreviewsRow,
  | 'repository_key'
  | 'is_open'
  | 'base_branch'
  | 'removed_why'
  | 'is_fork'
  | 'approved_commit'
  | 'head_commit'
  | 'preview_site_id'
>

export interface Around {
  readonly settings: PreviewSettings
  readonly repositoryKey: string
  /** What the site is pinned to. */
  readonly branch: string
  /** Previews that the site has now. */
  readonly count: number
}

/**
 * Somebody has to look at each commit of a fork: its code runs on the server, and whoever wrote it may be anybody. Only
 * then does it count against the limit, so that strangers cannot use that up.
 */
export function standing(preview: Standable, { settings, repositoryKey, branch, count }: Around): Standing {
  if (!settings.is_on) return 'off'
  if (!preview.is_open) return 'closed'
  if (preview.repository_key !== repositoryKey) return 'other-repository'
  if (preview.base_branch !== branch) return 'other-branch'
  if (preview.removed_why !== null) return 'removed'
  if (preview.is_fork && preview.approved_commit !== preview.head_commit) return 'needs-approval'
  return preview.preview_site_id === null && count >= settings.most ? 'no-room' : 'wanted'
}

/** Whether a preview that is there goes away. One that waits keeps what it shows. */
export const isOver = (now: Standing): boolean =>
  ['off', 'closed', 'other-repository', 'other-branch', 'removed'].includes(now)

export const verdictOf: Readonly<Record<Exclude<Standing, 'wanted'>, PreviewVerdict>> = {
  off: 'previews-off',
  closed: 'preview-removed',
  'other-repository': 'preview-removed',
  'other-branch': 'other-branch',
  removed: 'preview-removed',
  'needs-approval': 'needs-approval',
  'no-room': 'no-room',
}

/** Of a pull request of the repository that the site had before. */
export const otherRepository = 'The site has another repository now'

/** Hosts send again, and in another order. */
export const isOldNews = (known: Pick<PreviewsRow, 'updated_at'>, { updatedAt }: PullRequest): boolean =>
  known.updated_at !== null && updatedAt !== null && updatedAt < known.updated_at

/** Whether it says something that may move the preview; a new title does not. */
export const isNews = (
  known: Pick<PreviewsRow, 'is_open' | 'head_commit' | 'base_branch'>,
  { isOpen, commit, baseBranch }: PullRequest,
): boolean => known.is_open !== isOpen || known.head_commit !== commit || known.base_branch !== baseBranch

export interface Variable {
  readonly key: string
  readonly isSecret: boolean
}

/**
 * The environment of a preview: what of the site's own is no secret, and in its place what is set for previews. Commits of
 * a fork get no secret at all, also after they were approved.
 */
export function environmentOf<One extends Variable>(own: readonly One[], forPreviews: readonly One[], isFork: boolean) {
  const given = forPreviews.filter(({ isSecret }) => !(isFork && isSecret))
  const replaced = new Set(given.map(({ key }) => key))
  return [...own.filter(({ key, isSecret }) => !isSecret && !replaced.has(key)), ...given]
}

/** Secrets of the site that nothing stands in for: a preview has no such variable. */
export function missingIn(own: readonly Variable[], forPreviews: readonly Variable[]): string[] {
  const set = new Set(forPreviews.map(({ key }) => key))
  return own.filter(({ key, isSecret }) => isSecret && !set.has(key)).map(({ key }) => key)
}

/** Whoever brings a preview where it shall be has so long; then another does. */
export const claimMs = 2 * 60_000

/** As branches are asked after. */
export const askEveryMs = 5 * 60_000

/** After the n-th failure in a row: 5, 10, 20, 40 minutes, then every hour. */
export const askAfterMs = (failures: number): number => Math.min(askEveryMs * 2 ** Math.max(0, failures - 1), 3600_000)

/** What waits for room, or for a removal to end, is looked at so often. */
export const lookAgainMs = 20_000

/** After the n-th failure in a row: 15, 30, 60 seconds, up to half an hour. */
export const retryAfterMs = (attempts: number): number => Math.min(15_000 * 2 ** Math.max(0, attempts - 1), 30 * 60_000)

/** A host that cannot be told for so long is not told any more. */
export const mostTellAttempts = 60
