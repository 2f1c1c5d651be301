import path from 'node:path'
import { NodeVersions } from '../../server/deploys/node-versions/node-versions.js'
import { makeRuntimes } from '../../server/deploys/runtimes/runtimes.js'
import { edges } from '../../server/domains/edges/edges.js'
import type { RepositoryProtocol } from '../../server/git/repository-url.js'
import type { Services } from '../../server/platform/services.js'
import { LocalHost } from '../../server/platform/ssh/local-host.js'
import type { DeployParts } from './context.js'

/** What deploys work with, built once a process. The panel's own machine fetches Node, because its npm knows the registry. */
export function deployParts({ config, clock }: Services, gitProtocols: readonly RepositoryProtocol[]): DeployParts {
  const panel = new LocalHost({ name: 'the panel', root: path.join(config.dataFolder, 'panel') })
  const nodeVersions = new NodeVersions({ panel, folder: path.join(config.dataFolder, 'node'), now: clock })
  return { nodeVersions, gitProtocols, edges, runtimes: makeRuntimes(nodeVersions) }
}
