import { z } from 'zod'
import { commitsBetween } from '../git/history.js'
import { parseCommitSha } from '../git/ref-name.js'
import { operationPage } from '../operations/operations.js'
import type { TeamCtx } from '../platform/access/ctx.js'
import type { ReleasesRow, SitesRow } from '../platform/db/tables.js'
import { notFound } from '../platform/errors.js'
import { decodeCursor, type ListPage, listPage } from '../platform/http/pagination.js'
import { why } from '../platform/verdict.js'
import { findSite } from '../sites/sites.js'
import { environmentChanges, settingChanges } from './changes.js'
import { findDeploy } from './deploys.js'
import { mirrorFolder, placeOf } from './places.js'
import * as queries from './queries.js'
import { deployCan, type ShownDeploy, shown } from './rules.js'

/** What the pages about deploys and releases show, and with it what the API answers. */

/** What the head of every page of a site needs. */
export const headOf = (site: SitesRow) => ({ site, deployWhy: why(deployCan.deploy(site)) })

export const deploysPage = (ctx: TeamCtx, slug: string, query: { cursor?: string | undefined; limit: number }) =>
  ctx.reading(async (tx) => {
    const site = await findSite(tx, slug)
    const below = decodeCursor(ctx, query.cursor, z.tuple([z.number()]))?.[0] ?? null
    const rows = await queries.deploysOf(tx, site.id, below, query.limit + 1)
    const deploys: ListPage<ShownDeploy> = listPage(
      ctx,
      rows.map((row) => shown(row, site)),
      query.limit,
      (row) => [row.number],
    )
    return { ...headOf(site), ...deploys, query }
  })

/** The deploy with its steps, its log for who follows operations, and what it changes against the release before. */
export async function deployPage(ctx: TeamCtx, slug: string, number: number) {
  const { operation_id } = await ctx.reading((tx) => findDeploy(tx, slug, number))
  const progress = await operationPage(ctx, operation_id)
  return ctx.reading(async (tx) => {
    const site = await findSite(tx, slug)
    const deploy = await findDeploy(tx, slug, number)
    const release = deploy.release_id ? await queries.maybeRelease(tx, deploy.release_id) : undefined
    const before = deploy.replaced_release_id ?? site.live_release_id
    const replaced = before && before !== release?.id ? await queries.maybeRelease(tx, before) : undefined
    return {
      ...headOf(site),
      ...progress,
      ...(ctx.may('operation:read') ? {} : { lines: [], leftOut: null }),
      deploy: shown(deploy, site),
      release: release ?? null,
      replaced: replaced ?? null,
      changes: release && replaced ? changesBetween(ctx, replaced, release) : null,
      rollBackWhy: replaced ? whyNotBack(site, replaced) : null,
    }
  })
}

const changesBetween = (ctx: TeamCtx, from: ReleasesRow, to: ReleasesRow) => ({
  environment: environmentChanges(ctx, from, to),
  settings: settingChanges(from, to),
})

export const releasesPage = (ctx: TeamCtx, slug: string) =>
  ctx.reading(async (tx) => {
    const site = await findSite(tx, slug)
    const releases = await queries.releasesOf(tx, site.id, 100)
    const items = releases.map((release) => ({ ...release, rollBackWhy: whyNotBack(site, release) }))
    const live = releases.find(({ id }) => id === site.live_release_id) ?? null
    return { ...headOf(site), items, live, nextCursor: null }
  })

/** Reads the commits from the mirror on the server, outside the transaction: a machine may be slow. */
export async function comparePage(ctx: TeamCtx, slug: string, numbers: { from: number; to: number }) {
  const { site, from, to } = await ctx.reading(async (tx) => {
    const found = await findSite(tx, slug)
    const find = async (number: number): Promise<ReleasesRow> => {
      const release = await queries.maybeReleaseByNumber(tx, found.id, number)
      if (!release) throw notFound('release')
      return release
    }
    return { site: found, from: await find(numbers.from), to: await find(numbers.to) }
  })
  return {
    ...headOf(site),
    from: from.number,
    to: to.number,
    fromRelease: from,
    toRelease: to,
    rollBackWhy: whyNotBack(site, to),
    commits: await commits(ctx, site, from, to),
    undone: await commits(ctx, site, to, from),
    ...changesBetween(ctx, from, to),
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

/** A release cannot come back to a site that may not be deployed. */
const whyNotBack = (site: SitesRow, release: ReleasesRow): string | null =>
  why(deployCan.deploy(site)) ?? why(deployCan.rollBackTo(site, release))
