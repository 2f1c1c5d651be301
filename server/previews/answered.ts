import type { Speaker } from '../connections/connections.js'
import { type Outcome, outcomeOf } from '../git/hosts/answers.js'
import { gitHosts } from '../git/hosts/hosts.js'
import type { TeamCtx } from '../platform/access/ctx.js'
import type { OutboundAnswer } from '../platform/outbound/outbound.js'

/** What it means that a host answers this to a question about a pull request, or to a comment on it. */
export function outcomeAt(
  ctx: TeamCtx,
  { speaker, number }: { speaker: Speaker; number: number },
  answer: OutboundAnswer,
): Outcome {
  const { label, api } = gitHosts[speaker.host]
  const by = speaker.installationId === null ? ('person' as const) : ('app' as const)
  const right = api.token.rights.at(-1) ?? ''
  const asked = { host: label, repository: speaker.repository, about: `pull request ${number}`, by, right }
  return outcomeOf(answer, asked, ctx.now())
}
