import type { TeamTx } from '../platform/access/ctx.js'
import type { checkDomains } from './jobs.js'

/** A lost ring is not lost work: what is due stands in the rows. */
export const ring = ({ ctx, afterCommit }: TeamTx, job: typeof checkDomains): void =>
  afterCommit(() =>
    ctx.services.queue.enqueue(job, {}).catch((error) => ctx.services.log.warn({ err: error }, 'could not ring')),
  )
