import type { Beginnings, FailingSite, FullDisk, TroubledServer } from './queries.js'

/** Something that wants a person: what happened, what it means, and where to go. */
export interface Attention {
  kind: 'host-key' | 'unreachable' | 'disk' | 'deploy'
  tone: 'bad' | 'warning'
  title: string
  text: string
  /** Of the thing it is about: a slug, and for a deploy its operation. */
  subject: string
  operation_id: string | null
  /** Its number, of what is about a deploy. */
  deploy: number | null
  since: Date | null
}

/** A changed host key stops everything there, so it is said before "cannot be reached". */
export const aboutServer = (server: TroubledServer): Attention =>
  server.host_key_changed_to
    ? {
        ...about('host-key', server.slug, null),
        title: `The host key of ${server.name} has changed`,
        text: 'Nothing runs there until somebody has compared the two fingerprints.',
      }
    : {
        ...about('unreachable', server.slug, server.seen_at),
        title: `${server.name} cannot be reached`,
        text: server.status_message ?? 'Its sites may still run, but nothing can be deployed there.',
      }

export const aboutDisk = (disk: FullDisk): Attention => ({
  ...about('disk', disk.slug, disk.read_at),
  tone: 'warning',
  title: `The disk of ${disk.name} is ${Math.floor((100 * disk.disk_used_bytes) / disk.disk_total_bytes)} % full`,
  text: 'Builds fail on a full disk. Keep fewer releases, remove what is not needed, or make it larger.',
})

export const aboutSite = (site: FailingSite): Attention => {
  const now = site.live_release_id ? 'The release before it still serves.' : 'Nothing of it is live.'
  return {
    ...about('deploy', site.slug, site.ended_at),
    tone: site.live_release_id ? 'warning' : 'bad',
    title: site.rolled_back_at ? `${site.name} was rolled back by itself` : `The last deploy of ${site.name} failed`,
    text: site.message ? `${ended(site.message)} ${now}` : now,
    operation_id: site.operation_id,
    deploy: site.number,
  }
}

const about = (kind: Attention['kind'], subject: string, since: Date | null) => ({
  kind,
  tone: 'bad' as const,
  subject,
  operation_id: null,
  deploy: null,
  since,
})

const ended = (sentence: string): string => (/[.!?…]$/.test(sentence) ? sentence : `${sentence}.`)

export interface FirstStep {
  step: 'server' | 'site' | 'deploy'
  state: 'good' | 'running' | 'waiting'
  /** Whose turn it is: the others say only what they are. */
  isNext: boolean
}

/** What a new team does first; null once all of it is done. */
export function firstSteps(done: Beginnings): FirstStep[] | null {
  const steps = [
    { step: 'server', state: done.has_ready_server ? 'good' : done.has_server ? 'running' : 'waiting' },
    { step: 'site', state: done.has_site ? 'good' : 'waiting' },
    { step: 'deploy', state: done.has_live_site ? 'good' : 'waiting' },
  ] as const
  const next = steps.find(({ state }) => state !== 'good')
  return next ? steps.map((step) => ({ ...step, isNext: step === next })) : null
}
