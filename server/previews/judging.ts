import { deployCan } from '../deploys/deploys.js'
import type { PullRequest } from '../git/hosts/pull-request.js'
import type { TeamTx } from '../platform/access/ctx.js'
import type { PreviewsRow, SitesRow } from '../platform/db/tables.js'
import { append } from '../platform/events/append.js'
import { newId } from '../platform/ids.js'
import * as queries from './queries.js'
import { askEveryMs, isOldNews, isOver, type PreviewVerdict, standing, untouched, verdictOf } from './rules.js'

export interface PreviewJudgement {
  readonly verdict: PreviewVerdict
  readonly detail: string | null
}

/**
 * Writes down how a pull request stands, for whoever brings its preview there. Said twice it is said once; what is older
 * than what is known changes nothing. The caller holds the site.
 */
export async function judgePullRequest(
  tx: TeamTx,
  site: SitesRow,
  pullRequest: PullRequest,
): Promise<PreviewJudgement> {
  const known = await queries.lockPreview(tx, site, pullRequest.number)
  const settings = (await queries.maybeSettings(tx, site.id)) ?? untouched
  if (!known) {
    const why = whyNone(site, settings.is_on, pullRequest)
    if (why) return why
  } else if (isOldNews(known, pullRequest))
    return { verdict: 'preview-unchanged', detail: 'Newer news of it came before' }

  const preview = await write(tx, site, known, pullRequest)
  const count = (await queries.countOf(tx, site.id)) + (await queries.promisedBefore(tx, preview))
  const now = standing(preview, { settings, repositoryKey: site.repository_key, branch: site.branch, count })
  const closed = deployCan.deploy(site)
  if (!isOver(now) && !closed.ok) return { verdict: 'site-closed', detail: closed.why }
  if (now !== 'wanted') return { verdict: verdictOf[now], detail: details[now]?.(site, settings.most) ?? null }
  const wasUp = known?.is_open && known.removed_why === null && known.preview_site_id !== null
  const isUnchanged = wasUp && known.deployed_commit === preview.head_commit
  return { verdict: isUnchanged ? 'preview-unchanged' : 'preview', detail: null }
}

const details: Partial<Record<string, (site: SitesRow, most: number) => string>> = {
  'other-branch': (site) => `The site is pinned to ${site.branch}`,
  'no-room': (_site, most) => `The site has at most ${most} at once; it comes when another goes`,
}

/** Of a pull request that nobody has heard of nothing is kept, unless it gets a preview. */
function whyNone(site: SitesRow, isOn: boolean, { isOpen, baseBranch }: PullRequest): PreviewJudgement | null {
  if (!isOn) return { verdict: 'previews-off', detail: null }
  const closed = deployCan.deploy(site)
  if (!closed.ok) return { verdict: 'site-closed', detail: closed.why }
  if (baseBranch !== site.branch) return { verdict: 'other-branch', detail: `The site is pinned to ${site.branch}` }
  return isOpen ? null : { verdict: 'preview-removed', detail: null }
}

async function write(
  tx: TeamTx,
  site: SitesRow,
  known: PreviewsRow | undefined,
  pullRequest: PullRequest,
): Promise<PreviewsRow> {
  const now = tx.ctx.now()
  const heard = {
    title: pullRequest.title,
    author: pullRequest.author,
    head_branch: pullRequest.headBranch,
    base_branch: pullRequest.baseBranch,
    head_commit: pullRequest.commit,
    is_fork: pullRequest.isFork,
    is_open: pullRequest.isOpen,
    updated_at: pullRequest.updatedAt,
    bring_at: now,
    tell_at: now,
    // A host that wants to be left alone is, whatever it tells.
    ask_at: new Date(Math.max(now.getTime() + askEveryMs, known?.ask_at.getTime() ?? 0)),
  }
  const id = known?.id ?? newId()
  const isPush = known?.head_commit !== pullRequest.commit || (!known.is_open && pullRequest.isOpen)
  if (known)
    await queries.updatePreview(tx, id, {
      ...heard,
      ...{ bring_attempts: 0, tell_attempts: 0 },
      ...(isPush ? { pushed_at: now, removed_why: null } : {}),
    })
  else
    await queries.insertPreview(tx, {
      ...heard,
      ...{ id, team_id: site.team_id, site_id: site.id, repository_key: site.repository_key },
      ...{ number: pullRequest.number, pushed_at: now, created_at: now },
    })
  await tell(tx, site, known, pullRequest)
  const preview = await queries.maybePreview(tx, id)
  if (!preview) throw new Error('The preview was not written')
  return preview
}

/** Only what may move its preview; a new label does not. */
async function tell(
  tx: TeamTx,
  site: SitesRow,
  known: PreviewsRow | undefined,
  { number, isOpen, commit, baseBranch }: PullRequest,
): Promise<void> {
  const change =
    known?.is_open !== isOpen
      ? isOpen
        ? 'opened'
        : 'closed'
      : known.head_commit !== commit
        ? 'pushed to'
        : known.base_branch !== baseBranch
          ? 'moved'
          : null
  if (!change) return
  const subject = { kind: 'site', id: site.id }
  await append(tx, { type: 'site.pull-request-changed', subject, data: { name: site.name, number, change, commit } })
}
