import { gitHosts } from '../git/hosts/hosts.js'
import type { TeamCtx } from '../platform/access/ctx.js'
import type * as queries from './queries.js'
import { ofPreviews } from './rules.js'
import { outcomeWords, verdictWords } from './words.js'

/** A delivery as it is shown, with what came of it for each site. */

export const withVerdicts = (
  ctx: TeamCtx,
  rows: readonly queries.Delivery[],
  verdicts: readonly queries.ShownVerdict[],
) =>
  rows.map((row) =>
    deliveryView(
      ctx,
      row,
      verdicts.filter((verdict) => verdict.delivery_id === row.id),
    ),
  )

export function deliveryView(ctx: TeamCtx, row: queries.Delivery, verdicts: readonly queries.ShownVerdict[]) {
  const state = row.outcome ?? ('waiting' as const)
  return {
    id: row.id,
    host: row.host,
    hostLabel: gitHosts[row.host].label,
    repository: row.repository_key,
    delivery: row.delivery,
    event: row.event,
    state,
    text: row.why ? `${outcomeWords[state]}: ${row.why}` : outcomeWords[state],
    branch: row.branch,
    commitSha: row.commit_sha,
    commitSubject: row.commit_subject,
    pusher: row.pusher,
    receivedAt: row.received_at,
    verdicts: verdicts.map((verdict) => verdictView(ctx, verdict)),
  }
}

function verdictView(ctx: TeamCtx, row: queries.ShownVerdict) {
  const { label, tone, text } = verdictWords[row.verdict]
  return {
    site: row.site_slug,
    siteName: row.site_name,
    verdict: row.verdict,
    label,
    tone,
    text: row.detail ? `${text}. ${row.detail}` : text,
    deploy: ctx.may('deploy:read', row.site_id) ? row.deploy_number : null,
    isOfPreview: ofPreviews.includes(row.verdict),
  }
}
