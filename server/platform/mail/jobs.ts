import { declareJob } from '../queue/job.js'

/** Hands over all mail that is due. It waits for another machine, so it keeps away from the short ones. */
export const sendMails = declareJob({
  name: 'send-mails',
  payload: {},
  lane: 'slow',
  attempts: 1,
  timeoutMs: 10 * 60_000,
})

export const pruneMails = declareJob({
  name: 'prune-mails',
  payload: {},
  lane: 'short',
  attempts: 3,
  timeoutMs: 5 * 60_000,
})
