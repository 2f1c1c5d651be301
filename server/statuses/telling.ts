import { askHost, type Speaker } from '../connections/connections.js'
import { type Outcome, outcomeOf } from '../git/hosts/answers.js'
import type { ApiCall, CommitReport, DeploymentReport } from '../git/hosts/api.js'
import { gitHosts } from '../git/hosts/hosts.js'
import type { CommitStatusesRow } from '../platform/db/tables.js'
import { OutboundFault } from '../platform/outbound/fault.js'
import { jsonOf } from '../platform/outbound/json.js'
import type { Outbound, OutboundAnswer } from '../platform/outbound/outbound.js'

export interface Telling {
  readonly outbound: Outbound
  readonly speaker: Speaker
  readonly row: CommitStatusesRow
  /** The deploy's page. */
  readonly targetUrl: string
  readonly siteUrl: string
  readonly now: Date
  readonly signal: AbortSignal
  /** The host's id of the deployment: what is known of it, and how it is kept. */
  readonly remoteId: string | undefined
  remember(remoteId: string): Promise<void>
}

/** Sends one status. Sent twice it says the same twice, which every host takes. */
export async function tellHost(telling: Telling): Promise<Outcome> {
  try {
    return telling.row.kind === 'status' ? await tellStatus(telling) : await tellDeployment(telling)
  } catch (error) {
    if (!(error instanceof OutboundFault)) throw error
    // The address has come to lead where we do not go: no time mends that.
    return { kind: error.kind === 'refused' ? 'given-up' : 'later', why: error.message }
  }
}

async function tellStatus(telling: Telling): Promise<Outcome> {
  const { api } = gitHosts[telling.speaker.host]
  const report = reportOf(telling)
  // A commit is not told of what became of it later.
  if (!isOfCommit(report)) return { kind: 'sent' }
  const answer = await ask(telling, api.status(report))
  return api.isKnown?.(answer.status, answer.body) ? { kind: 'sent' } : judged(telling, answer)
}

/**
 * 1. The deployment is looked for, since one may have been made and not remembered. 2. Else it is made, unless it would
 * only be ended. 3. It is remembered. 4. It gets its status.
 */
async function tellDeployment(telling: Telling): Promise<Outcome> {
  const { deployments } = gitHosts[telling.speaker.host].api
  if (!deployments) return { kind: 'sent' }
  const { deploy_id: deployId } = telling.row
  const report = reportOf(telling)
  let { remoteId } = telling
  const isRemoved = report.state === 'removed'
  const calls = [deployments.find(report), ...(isRemoved ? [] : [deployments.create(report, deployId)])]
  for (const call of remoteId ? [] : calls) {
    const answer = await ask(telling, call)
    const outcome = judged(telling, answer)
    if (outcome.kind !== 'sent') return outcome
    const found = deployments.idIn(jsonOf(answer), deployId)
    if (!found) continue
    await telling.remember(found)
    remoteId = found
    break
  }
  if (!remoteId && isRemoved) return { kind: 'sent' }
  if (!remoteId) return { kind: 'later', why: `${labelOf(telling)} did not say which deployment it made` }
  return judged(telling, await ask(telling, deployments.status(report, remoteId, telling.siteUrl)))
}

const ask = ({ outbound, speaker, signal }: Telling, call: ApiCall): Promise<OutboundAnswer> =>
  askHost(outbound, speaker, call, signal)

const judged = (telling: Telling, answer: OutboundAnswer): Outcome => {
  const { token } = gitHosts[telling.speaker.host].api
  const right = (telling.row.kind === 'deployment' ? token.rights[1] : token.rights[0]) ?? ''
  const { repository } = telling.speaker
  const by = telling.speaker.installationId === null ? ('person' as const) : ('app' as const)
  const about = `commit ${telling.row.commit_sha.slice(0, 7)}`
  const asked = { host: labelOf(telling), repository, about, by, right }
  return outcomeOf(answer, asked, telling.now)
}

const labelOf = ({ speaker }: Telling): string => gitHosts[speaker.host].label

const isOfCommit = (report: DeploymentReport): report is CommitReport => report.state !== 'removed'

const reportOf = ({ row, speaker, targetUrl }: Telling): DeploymentReport => ({
  repository: speaker.repository,
  commit: row.commit_sha,
  state: row.state,
  context: row.context,
  description: row.description,
  targetUrl,
})
