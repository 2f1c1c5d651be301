import { declareJob } from '../platform/queue/job.js'

/** Looks at the DNS of every domain that is due for it. Short, so that who waits in the lane has a turn. */
export const checkDomains = declareJob({
  name: 'check-domains',
  payload: {},
  lane: 'slow',
  attempts: 1,
  timeoutMs: 60_000,
})

/** Asks for the operation of every site whose edge does not have its domains as they should be. */
export const requestServing = declareJob({
  name: 'request-serving',
  payload: {},
  lane: 'short',
  attempts: 3,
  timeoutMs: 60_000,
})

/** Has the sites set up once more that their edge has lost. */
export const findLostSites = declareJob({
  name: 'find-lost-sites',
  payload: {},
  lane: 'short',
  attempts: 1,
  timeoutMs: 5 * 60_000,
})

/** Obtains certificates by DNS, where that is due. */
export const obtainCertificates = declareJob({
  name: 'obtain-certificates',
  payload: {},
  lane: 'slow',
  attempts: 1,
  timeoutMs: 15 * 60_000,
})

/** Looks at what visitors are shown, where that is due. Short as well. */
export const lookAtCertificates = declareJob({
  name: 'look-at-certificates',
  payload: {},
  lane: 'slow',
  attempts: 1,
  timeoutMs: 60_000,
})
