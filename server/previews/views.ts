import { addressOf } from '../domains/domains.js'
import { parseCommitSha } from '../git/ref-name.js'
import { commitLink } from '../git/repository-links.js'
import type { TeamCtx } from '../platform/access/ctx.js'
import type { Beside } from './beside.js'
import type { ShownPreview } from './queries.js'
import { otherRepository, type Standing, standing } from './rules.js'
import type { PreviewState } from './schema.js'

/** How a preview is shown: on its page, by the API, and in the comment on its pull request. */

const dayMs = 86_400_000

export function previewView(ctx: TeamCtx, row: ShownPreview, beside: Beside) {
  const now = standing(row, beside)
  const state = stateOf(row, now)
  const seesDeploys = ctx.may('deploy:read')
  return {
    number: row.number,
    title: row.title,
    author: row.author,
    branch: row.head_branch,
    commit: row.head_commit,
    commitUrl:
      row.repository_key === beside.repositoryKey
        ? commitLink(beside.repository, parseCommitSha(row.head_commit))
        : null,
    isFork: row.is_fork,
    isOpen: row.is_open,
    state,
    ...words[state],
    text: textOf(row, now, state, seesDeploys),
    site: row.copy_slug,
    url:
      row.copy_port === null
        ? null
        : (row.copy_url ?? addressOf(beside.server, ctx.services.config.baseUrl, row.copy_port)),
    deploy: seesDeploys ? row.deploy_number : null,
    isLive: row.live_release_id !== null,
    pushedAt: row.pushed_at,
    removedAfter: row.copy_slug && new Date(row.pushed_at.getTime() + beside.settings.kept_days * dayMs),
    fault: row.fault,
    canApprove: now === 'needs-approval',
    canRestore: now === 'removed',
    canRemove: row.is_open && row.removed_why === null,
  }
}

export type PreviewView = ReturnType<typeof previewView>

const words: Readonly<Record<PreviewState, { label: string; tone: string }>> = {
  live: { label: 'Live', tone: 'good' },
  deploying: { label: 'Deploying', tone: 'info' },
  failed: { label: 'Failed', tone: 'bad' },
  'waits-for-approval': { label: 'Needs approval', tone: 'warning' },
  'waits-for-room': { label: 'Waits', tone: 'warning' },
  waits: { label: 'Waits', tone: 'info' },
  going: { label: 'Going', tone: 'neutral' },
  none: { label: 'None', tone: 'neutral' },
}

function stateOf(row: ShownPreview, now: Standing): PreviewState {
  if (now === 'needs-approval') return 'waits-for-approval'
  if (now === 'no-room') return 'waits-for-room'
  if (now !== 'wanted') return row.copy_slug ? 'going' : 'none'
  if (row.copy_removed_at) return 'going'
  if (row.deploy_status === null || row.deployed_commit !== row.head_commit) return 'waits'
  if (row.deploy_status === 'queued' || row.deploy_status === 'running') return 'deploying'
  return row.deploy_status === 'succeeded' && !row.deploy_rolled_back ? 'live' : 'failed'
}

function textOf(row: ShownPreview, now: Standing, state: PreviewState, seesDeploys: boolean): string {
  const deploy = seesDeploys ? `Deploy ${row.deploy_number}` : 'The newest deploy'
  switch (state) {
    case 'live':
      return `${deploy} is live`
    case 'deploying':
      return `${deploy} is under way`
    case 'failed':
      return (seesDeploys ? row.deploy_message : null) ?? 'The deploy failed'
    case 'waits-for-approval':
      return 'Comes from a fork, and waits until somebody has looked at this commit'
    case 'waits-for-room':
      return 'Waits until another preview goes'
    case 'waits':
      return row.fault ? 'Cannot be deployed yet' : 'Will be deployed in a moment'
    case 'going':
      return 'Being removed'
    case 'none':
      return whyNone(row, now)
  }
}

function whyNone(row: ShownPreview, now: Standing): string {
  if (now === 'off') return 'The site makes no previews any more'
  if (now === 'other-repository') return otherRepository
  if (now === 'other-branch') return `It goes into ${row.base_branch}, which is not the branch of the site`
  return row.removed_why ?? (now === 'closed' ? 'Closed' : 'Removed')
}
