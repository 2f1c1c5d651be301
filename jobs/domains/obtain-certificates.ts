import { obtainDue } from '../../server/domains/dns-challenges/obtaining.js'
import { obtainCertificates } from '../../server/domains/jobs.js'
import { handleJob } from '../../server/platform/queue/worker.js'

export const obtainCertificatesHandler = handleJob(obtainCertificates, (_payload, { services, signal }) =>
  obtainDue(services, signal),
)
