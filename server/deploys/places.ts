import type { Fence, Host } from '../platform/ssh/host.js'
import type { SitePlace } from './runtimes/runtime.js'

/** Where a site lives on a machine; all of it follows from the site's id. The end of a UUIDv7 is its random part. */
export const placeOf = (site: { id: string; slug: string }, hostRoot: string): SitePlace => ({
  siteId: site.id,
  slug: site.slug,
  user: `hs-${site.id.replaceAll('-', '').slice(-12)}`,
  folder: `${hostRoot}/sites/${site.id}`,
})

/** Ours for the repository of the site. */
export const mirrorFolder = (place: SitePlace): string => `${place.folder}/repository`

/** The commits that releases are built from. Empty between deploys. */
export const sourcesFolder = (place: SitePlace): string => `${place.folder}/sources`

export const sourceFolder = (place: SitePlace, release: number): string => `${sourcesFolder(place)}/${release}`

/**
 * Remembers the newest lease number that acted on the site there. Not in the site's folder, and kept when that is gone:
 * a worker that slept through the removal must not put anything back.
 */
export const siteFence = (host: Host, place: SitePlace, number: number): Fence => ({
  lockFile: `${host.root}/leases/${place.siteId}`,
  number,
})

/** The process group of a step, so that its next run can end what a lost one left. */
export const groupFile = (place: SitePlace, step: string): string => `${place.folder}/${step}.group`
