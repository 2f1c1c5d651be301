import type { NodeVersions } from '../node-versions/node-versions.js'
import { DockerRuntime } from './docker/docker-runtime.js'
import { ProcessRuntime } from './process/process-runtime.js'
import type { Runtime, RuntimeName } from './runtime.js'

/** Every way to build and keep releases. A plugin enters here. */
export const makeRuntimes = (nodeVersions: NodeVersions) =>
  ({
    docker: new DockerRuntime(nodeVersions),
    process: new ProcessRuntime(nodeVersions),
  }) satisfies Record<RuntimeName, Runtime>

export type Runtimes = Readonly<Record<RuntimeName, Runtime>>
