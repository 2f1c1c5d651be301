import { askHost, type Speaker } from '../connections/connections.js'
import type { Outcome } from '../git/hosts/answers.js'
import { type ApiCall, commentWith, hasNextPage } from '../git/hosts/api.js'
import { gitHosts } from '../git/hosts/hosts.js'
import type { TeamCtx } from '../platform/access/ctx.js'
import { OutboundFault } from '../platform/outbound/fault.js'
import { jsonOf } from '../platform/outbound/json.js'
import { outcomeAt } from './answered.js'
import { markerOf } from './comment.js'

/** What a pull request is to be told of its preview, and through whom. */
export interface News {
  readonly id: string
  readonly number: number
  readonly text: string
  readonly commentId: string | null
  readonly repositoryKey: string
}

interface Spoken extends News {
  readonly speaker: Speaker
}

export type Told = Exclude<Outcome, { kind: 'sent' }> | { readonly kind: 'sent'; readonly commentId: string }

/** Ours is made when a pull request begins, and a slow host answers so many within `claimMs`. */
const mostPages = 10

/**
 * 1. The comment that is known is changed. 2. One that was made and not remembered is looked for. 3. Else, also where
 * somebody has deleted it, it is made.
 */
export async function comment(ctx: TeamCtx, news: Spoken, signal: AbortSignal): Promise<Told> {
  try {
    return await converse(ctx, news, signal)
  } catch (error) {
    if (!(error instanceof OutboundFault)) throw error
    return { kind: error.kind === 'refused' ? 'given-up' : 'later', why: error.message }
  }
}

async function converse(ctx: TeamCtx, news: Spoken, signal: AbortSignal): Promise<Told> {
  const { speaker, number, text } = news
  const { comments } = gitHosts[speaker.host].api
  const at = { repository: speaker.repository, number }
  const ask = (call: ApiCall) => askHost(ctx.services.outbound, speaker, call, signal)

  let { commentId } = news
  for (let page = 1; !commentId && page <= mostPages; page++) {
    const listed = await ask(comments.list(at, page))
    const outcome = outcomeAt(ctx, news, listed)
    if (outcome.kind !== 'sent') return outcome
    commentId = commentWith(markerOf(news.id), jsonOf(listed))
    if (!hasNextPage(listed.header('link'))) break
  }
  if (commentId) {
    const updated = await ask(comments.update(at, commentId, text))
    if (updated.status !== 404) return outcomeWith(commentId, outcomeAt(ctx, news, updated))
  }
  const created = await ask(comments.create(at, text))
  const outcome = outcomeAt(ctx, news, created)
  if (outcome.kind !== 'sent') return outcome
  const made = commentWith(markerOf(news.id), jsonOf(created))
  return made ? { kind: 'sent', commentId: made } : { kind: 'later', why: 'The host did not say which comment it made' }
}

const outcomeWith = (commentId: string, outcome: Outcome): Told =>
  outcome.kind === 'sent' ? { kind: 'sent', commentId } : outcome
