import { lookAtCertificates } from '../../server/domains/certificates/certificates.js'
import { lookAtCertificates as declared } from '../../server/domains/jobs.js'
import { handleJob } from '../../server/platform/queue/worker.js'

export const lookAtCertificatesHandler = handleJob(declared, (_payload, { services, signal }) =>
  lookAtCertificates(services, signal),
)
