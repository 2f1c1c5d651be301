import type { BuildPlan, InstancePlan, Leftovers, SitePlace } from './runtime.js'

/** Where things of a site lie on its machine. Both runtimes use the same places. */

export const releaseFolder = (place: SitePlace, release: number): string => `${place.folder}/releases/${release}`
export const buildFolder = ({ place, release }: Pick<BuildPlan, 'place' | 'release'>): string =>
  `${place.folder}/builds/${release}`
export const releaseCommandFolder = ({ place, release }: Pick<BuildPlan, 'place' | 'release'>): string =>
  `${place.folder}/builds/${release}-release-command`

export type InstanceId = Pick<InstancePlan, 'place' | 'release' | 'port'>

export const instanceFolder = ({ place, release, port }: InstanceId): string =>
  `${place.folder}/instances/${release}-${port}`

/** Names a container, a unit and a control group; unique on the machine. */
export const instanceName = ({ place, release, port }: InstanceId): string =>
  `hostler-${place.siteId}-${release}-${port}`

export const within = (folder: string, path: string): string => (path === '' ? folder : `${folder}/${path}`)

/** "4-8031", as listed from the instances' folder or out of a container's name. */
export function parseInstance(name: string): Leftovers['instances'][number] | null {
  const [, release, port] = /(?:^|-)(\d+)-(\d+)$/.exec(name) ?? []
  return release && port ? { release: Number(release), port: Number(port) } : null
}
