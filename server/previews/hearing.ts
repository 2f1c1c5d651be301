import { askHost, dropToken, hostTokenFor, type Speaker } from '../connections/connections.js'
import { type Refusal, refusalOf } from '../git/hosts/answers.js'
import { gitHosts } from '../git/hosts/hosts.js'
import type { PullRequest } from '../git/hosts/pull-request.js'
import type { TeamCtx } from '../platform/access/ctx.js'
import { UserError } from '../platform/errors.js'
import { OutboundFault } from '../platform/outbound/fault.js'
import { jsonOf } from '../platform/outbound/json.js'
import { outcomeAt } from './answered.js'

/** The pull request that is asked after. */
export interface Asked {
  readonly id: string
  readonly siteId: string
  readonly number: number
  readonly repositoryKey: string
}

export type Heard =
  | { readonly kind: 'pull-request'; readonly pullRequest: PullRequest }
  /**
   * `until`: the host itself said when it wants to be asked again, whatever about. `isOfThisAlone`: it may say more of
   * another pull request, which does not hold where it is out of reach, fails, or does not accept who asks.
   */
  | {
      readonly kind: 'nothing'
      readonly why: string
      readonly until?: Date | undefined
      readonly isOfThisAlone: boolean
    }

/** What the host says of it. Why it says nothing is told to people where the token is needed more. */
export async function hear(ctx: TeamCtx, asked: Asked, signal: AbortSignal): Promise<Heard> {
  try {
    const speaker = await hostTokenFor(ctx, asked.repositoryKey, signal)
    return speaker ? await askAs(ctx, speaker, asked, signal) : nothing('The token was removed')
  } catch (error) {
    if (!(error instanceof OutboundFault || error instanceof UserError)) throw error
    return nothing(error.message)
  }
}

async function askAs(
  ctx: TeamCtx,
  speaker: Speaker,
  { number, repositoryKey }: Asked,
  signal: AbortSignal,
): Promise<Heard> {
  const { label, api } = gitHosts[speaker.host]
  const call = api.pullRequests.show({ repository: speaker.repository, number })
  const answer = await askHost(ctx.services.outbound, speaker, call, signal)
  const outcome = outcomeAt(ctx, { speaker, number }, answer)
  if (outcome.kind === 'later' && outcome.isTokenOver) await dropToken(ctx, speaker)
  if (outcome.kind !== 'sent') {
    const until = outcome.kind === 'later' ? outcome.until : undefined
    return { ...nothing(outcome.why), until, isOfThisAlone: ofOneAlone.has(refusalOf(answer)) }
  }
  const event = api.pullRequests.read(jsonOf(answer), repositoryKey)
  return event.kind === 'pull-request' && event.pullRequest.number === number
    ? event
    : { ...nothing(`The answer of ${label} cannot be read`), isOfThisAlone: true }
}

const ofOneAlone: ReadonlySet<Refusal | null> = new Set(['not-there', 'not-taken'])

const nothing = (why: string) => ({ kind: 'nothing', why, isOfThisAlone: false }) as const
