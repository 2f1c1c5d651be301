import type { DeploymentReport, ReportState } from '../git/hosts/api.js'

/** What one commit is to be told of a deploy. */
export interface Report {
  readonly commit: string
  readonly state: DeploymentReport['state']
  readonly description: string
}

/** An event of a deploy, as far as it matters here. */
export interface DeployEvent {
  readonly type: string
  readonly deploy: number
  readonly commit: string | null
  readonly why: string | null
}

/** What the commits have been told of the deploy so far. */
export interface Told {
  /** Commits that were told anything. */
  readonly all: readonly string[]
  /** Those that were not told how it ended. */
  readonly open: readonly string[]
  /** The commit that it was asked for, where that is known before it is fetched. */
  readonly asked: string | null
}

const nothing: readonly Report[] = []

/** What an event means for the commits of its deploy. Every commit that was told of a beginning is told of an end. */
export function reportsOf({ type, deploy, commit, why }: DeployEvent, { all, open, asked }: Told): readonly Report[] {
  const say = (state: ReportState, description: string) => (sha: string) => ({
    commit: sha,
    state,
    description: cut(description),
  })
  const ended = commit && !all.includes(commit) ? [...open, commit] : open
  switch (type) {
    case 'deploy.requested':
    case 'deploy.rollback-requested':
      return asked ? [say('queued', `Deploy ${deploy} waits for its turn`)(asked)] : nothing
    case 'deploy.began':
      if (!commit) return nothing
      return [
        ...open.filter((sha) => sha !== commit).map(say('superseded', 'Not deployed: a newer commit took its place')),
        say('running', `Deploy ${deploy} is running`)(commit),
      ]
    case 'deploy.succeeded':
      return ended.map(say('live', `Deploy ${deploy} is live`))
    case 'deploy.failed':
      return ended.map(say('failed', why ?? `Deploy ${deploy} failed`))
    case 'deploy.cancelled':
      return ended.map(say('cancelled', why ?? `Deploy ${deploy} was cancelled`))
    default:
      return nothing
  }
}

/** A deploy that waited, and that a newer one made needless. */
export const foldedReports = (by: number, open: readonly string[]): readonly Report[] =>
  open.map((commit) => ({ commit, state: 'superseded', description: `Not deployed: deploy ${by} took its place` }))

const longest = 140

/** One line, no longer than GitHub takes. */
function cut(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  const letters = [...line]
  return letters.length <= longest && line.length <= longest ? line : `${fitting(letters, longest - 1).trimEnd()}…`
}

/** As many whole letters as fit into so many UTF-16 units. */
function fitting(letters: readonly string[], units: number): string {
  let text = ''
  for (const letter of letters) {
    if (text.length + letter.length > units) break
    text += letter
  }
  return text
}

/** A host that cannot be told for so long is not told any more. */
export const giveUpMs = 24 * 3600_000

/** What is over is kept so long. */
export const keptDays = 30

/** Whoever sends one has so long; then another does. */
export const claimMs = 2 * 60_000

/** After the n-th attempt: 5, 10, 20, 40 seconds, up to half an hour. */
export const retryAfterMs = (attempts: number): number => Math.min(5000 * 2 ** Math.max(0, attempts - 1), 30 * 60_000)
