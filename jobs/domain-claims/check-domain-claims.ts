import { checkDueClaims } from '../../server/domain-claims/domain-claims.js'
import { checkDomainClaims } from '../../server/domain-claims/jobs.js'
import { handleJob } from '../../server/platform/queue/worker.js'

export const checkDomainClaimsHandler = handleJob(checkDomainClaims, (_payload, { services, signal }) =>
  checkDueClaims(services, signal),
)
