import { checkDomain, takeDueDomains } from '../../server/domains/checks.js'
import { checkDomains } from '../../server/domains/jobs.js'
import { handleJob } from '../../server/platform/queue/worker.js'

/** Each waits for DNS; a few seconds when nobody answers. */
const atOnce = 20

/** Until nothing is due. One that cannot be looked at is looked at again later, and holds up no other. */
export const checkDomainsHandler = handleJob(checkDomains, async (_payload, { services, signal }) => {
  for (;;) {
    const due = await takeDueDomains(services, atOnce)
    if (due.length === 0 || signal.aborted) return
    const looks = await Promise.allSettled(due.map((domain) => checkDomain(services, domain)))
    for (const look of looks)
      if (look.status === 'rejected') services.log.warn({ err: look.reason }, 'could not check a domain')
  }
})
