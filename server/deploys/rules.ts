import type { SitesRow } from '../platform/db/tables.js'
import { no, type Verdict, yes } from '../platform/verdict.js'
import type { DeployWithOperation } from './queries.js'

/** May this be done now, and if not, why: the button shows the reason, the verb throws it. */
export const deployCan = {
  deploy: (site: Pick<SitesRow, 'state' | 'state_reason' | 'delete_requested_at'>): Verdict => {
    if (site.delete_requested_at) return no('The site is being deleted')
    if (site.state === 'archived') return no('The site is archived')
    if (site.state === 'suspended') return no(site.state_reason ?? 'The site is suspended')
    if (site.state === 'deactivated') return no('The site is deactivated; activate it first')
    return yes
  },
  cancel: (deploy: Pick<DeployWithOperation, 'status' | 'cancel_requested_at'>): Verdict => {
    if (deploy.status !== 'queued' && deploy.status !== 'running') return no('The deploy has ended')
    if (deploy.cancel_requested_at) return no('It is being cancelled')
    return yes
  },
  rollBackTo: (site: Pick<SitesRow, 'live_release_id'>, release: { id: string; state: string }): Verdict => {
    if (site.live_release_id === release.id) return no('This release is live')
    if (release.state === 'pruned') return no('This release is no longer kept on the server')
    if (release.state !== 'kept') return no('This release was never live')
    return yes
  },
}

/** How a deploy stands, in the word that people see. */
export type DeployStatus =
  | 'queued'
  | 'running'
  | 'live'
  | 'replaced'
  | 'failed'
  | 'cancelled'
  | 'rolled back'
  | 'folded'

export function statusOf(
  deploy: Pick<DeployWithOperation, 'status' | 'folded_into' | 'rolled_back_at' | 'release_id'>,
  liveReleaseId: string | null,
): DeployStatus {
  if (deploy.folded_into) return 'folded'
  if (deploy.rolled_back_at) return 'rolled back'
  if (deploy.status !== 'succeeded') return deploy.status
  return deploy.release_id !== null && deploy.release_id === liveReleaseId ? 'live' : 'replaced'
}

export type ShownDeploy = Omit<DeployWithOperation, 'status'> & { status: DeployStatus }

/** What visitors have now decides whether a deploy that succeeded is still the one they see. */
export const shown = (deploy: DeployWithOperation, site: Pick<SitesRow, 'live_release_id'>): ShownDeploy => ({
  ...deploy,
  status: statusOf(deploy, site.live_release_id),
})
