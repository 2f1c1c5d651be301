import type { TeamTx } from '../platform/access/ctx.js'
import type { checkDomains } from './jobs.js'

/** A lost ring is not lost work: what is due stands in the rows. With `about`, however often it is asked for in a row is one ring. */
export const ring = ({ ctx, afterCommit }: TeamTx, job: typeof checkDomains, about?: string): void =>
  afterCommit(() =>
    ctx.services.queue
      .enqueue(job, {}, about === undefined ? {} : { key: about })
      .catch((error) => ctx.services.log.warn({ err: error }, 'could not ring')),
  )
