import { findLostSites as declared } from '../../server/domains/jobs.js'
import { findLostSites } from '../../server/domains/lost-sites.js'
import { handleJob } from '../../server/platform/queue/worker.js'
import type { DeployParts } from '../deploys/context.js'

export const findLostSitesHandler = ({ edges }: DeployParts) =>
  handleJob(declared, (_payload, { services, signal }) => findLostSites(services, edges, signal))
