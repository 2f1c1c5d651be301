import path from 'node:path'
import type { TeamTx } from '../platform/access/ctx.js'
import type { SitesRow } from '../platform/db/tables.js'
import type { Secret } from '../platform/secret.js'
import { SecretMask } from '../platform/secret-mask.js'
import type { Services } from '../platform/services.js'
import type { Host } from '../platform/ssh/host.js'
import { LocalHost } from '../platform/ssh/local-host.js'
import { NodeVersions } from './node-versions/node-versions.js'
import { placeOf } from './places.js'
import * as queries from './queries.js'
import { openRelease } from './releases.js'
import type { LogsOptions, RuntimeName } from './runtimes/runtime.js'
import { makeRuntimes, type Runtimes } from './runtimes/runtimes.js'

/** The instance that visitors talk to, as much of it as its log needs. */
export interface LoggedInstance {
  id: string
  release: number
  port: number
  runtime: RuntimeName
  /** The values of its secrets: what a program prints of them is shown as dots. */
  secrets: readonly Secret[]
}

export async function maybeLiveInstance(tx: TeamTx, siteId: string): Promise<LoggedInstance | null> {
  const instance = (await queries.instancesOf(tx, siteId)).find(({ state }) => state === 'live')
  if (!instance) return null
  const { environment } = await openRelease(tx, instance.release_id)
  return {
    id: instance.id,
    release: instance.release_number,
    port: instance.port,
    runtime: instance.runtime,
    secrets: environment.filter(({ isSecret }) => isSecret).map(({ value }) => value),
  }
}

export function instanceLogs(
  services: Services,
  host: Host,
  site: SitesRow,
  instance: LoggedInstance,
  options: LogsOptions,
): Promise<void> {
  const secrets = new SecretMask(instance.secrets)
  return runtimesOf(services)[instance.runtime].logs(
    host,
    { place: placeOf(site, host.root), release: instance.release, port: instance.port },
    { ...options, onLine: (line, at) => options.onLine(secrets.mask(line), at) },
  )
}

const known = new WeakMap<Services, Runtimes>()

/** The web server builds nothing; it needs runtimes only for what they say of what runs. Built once a process. */
function runtimesOf(services: Services): Runtimes {
  const { dataFolder } = services.config
  const panel = new LocalHost({ name: 'the panel', root: path.join(dataFolder, 'panel') })
  const runtimes =
    known.get(services) ??
    makeRuntimes(new NodeVersions({ panel, folder: path.join(dataFolder, 'node'), now: services.clock }))
  known.set(services, runtimes)
  return runtimes
}
