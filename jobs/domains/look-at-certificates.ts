import { lookAtCertificates } from '../../server/domains/certificates/certificates.js'
import { lookAtCertificates as declared } from '../../server/domains/jobs.js'
import { handleJob } from '../../server/platform/queue/worker.js'
import type { DeployParts } from '../deploys/context.js'

export const lookAtCertificatesHandler = ({ edges }: DeployParts) =>
  handleJob(declared, (_payload, { services, signal }) => lookAtCertificates(services, edges, signal))
