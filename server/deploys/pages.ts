import { z } from 'zod'
import { commitsBetween } from '../git/history.js'
import { parseCommitSha } from '../git/ref-name.js'
import type { TeamCtx } from '../platform/access/ctx.js'
import type { ReleasesRow, SitesRow } from '../platform/db/tables.js'
import { notFound } from '../platform/errors.js'
import { decodeCursor, type ListPage, listPage } from '../platform/http/pagination.js'
import { findSite } from '../sites/sites.js'
import { environmentChanges, settingChanges } from './changes.js'
import { mirrorFolder, placeOf } from './places.js'
import * as queries from './queries.js'
import { type DeployStatus, deployCan, statusOf } from './rules.js'

/** What the pages about deploys and releases show, and with it what the API answers. */

export type ShownDeploy = Omit<queries.DeployWithOperation, 'status'> & { status: DeployStatus }

export const shown = (deploy: queries.DeployWithOperation, site: Pick<SitesRow, 'live_release_id'>): ShownDeploy => ({
  ...deploy,
  status: statusOf(deploy, site.live_release_id),
})

export const deploysPage = (ctx: TeamCtx, slug: string, query: { cursor?: string | undefined; limit: number }) =>
  ctx.transaction(async (tx) => {
    const site = await findSite(tx, slug)
    const below = decodeCursor(query.cursor, z.tuple([z.number()]))?.[0] ?? null
    const rows = await queries.deploysOf(tx, site.id, below, query.limit + 1)
    const deploys: ListPage<ShownDeploy> = listPage(
      rows.map((row) => shown(row, site)),
      query.limit,
      (row) => [row.number],
    )
    return { site, ...deploys, deployWhy: why(deployCan.deploy(site)) }
  })

export const releasesPage = (ctx: TeamCtx, slug: string) =>
  ctx.transaction(async (tx) => {
    const site = await findSite(tx, slug)
    const releases = await queries.releasesOf(tx, site.id, 100)
    const items = releases.map((release) => ({ ...release, rollBackWhy: why(deployCan.rollBackTo(site, release)) }))
    return { site, items, nextCursor: null }
  })

/** Reads the commits from the mirror on the server, outside the transaction: a machine may be slow. */
export async function comparePage(ctx: TeamCtx, slug: string, numbers: { from: number; to: number }) {
  const { site, from, to } = await ctx.transaction(async (tx) => {
    const found = await findSite(tx, slug)
    const find = async (number: number): Promise<ReleasesRow> => {
      const release = await queries.maybeReleaseByNumber(tx, found.id, number)
      if (!release) throw notFound('release')
      return release
    }
    return { site: found, from: await find(numbers.from), to: await find(numbers.to) }
  })
  return {
    site,
    from: from.number,
    to: to.number,
    commits: await commits(ctx, site, from, to),
    environment: environmentChanges(from, to),
    settings: settingChanges(from, to),
  }
}

/** Null when the server cannot say: it is away, or no longer has them. */
async function commits(ctx: TeamCtx, site: SitesRow, from: ReleasesRow, to: ReleasesRow) {
  const range = { from: parseCommitSha(from.commit_sha), to: parseCommitSha(to.commit_sha), limit: 100 }
  try {
    const host = await ctx.services.hosts.get(site.server_id)
    return await commitsBetween(host, mirrorFolder(placeOf(site, host.root)), range, { timeoutMs: 10_000 })
  } catch (error) {
    ctx.services.log.info({ err: error, siteId: site.id }, 'could not read commits for a comparison')
    return null
  }
}

const why = (verdict: { ok: true } | { ok: false; why: string }): string | null => (verdict.ok ? null : verdict.why)
