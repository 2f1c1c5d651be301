import { declareJob } from '../platform/queue/job.js'

/** Looks at the DNS of every domain that is due for it. */
export const checkDomains = declareJob({
  name: 'check-domains',
  payload: {},
  lane: 'short',
  attempts: 1,
  timeoutMs: 5 * 60_000,
})
