import { declareJob } from '../platform/queue/job.js'

/** Looks at the DNS of each domain that a team says is its own, where that is due. */
export const checkDomainClaims = declareJob({
  name: 'check-domain-claims',
  payload: {},
  lane: 'slow',
  attempts: 1,
  timeoutMs: 60_000,
})
