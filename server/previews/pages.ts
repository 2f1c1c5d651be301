import { connectionsTo } from '../connections/connections.js'
import { deployCan } from '../deploys/deploys.js'
import type { TeamCtx } from '../platform/access/ctx.js'
import { why } from '../platform/verdict.js'
import { findSite, openEnvironment, siteCan } from '../sites/sites.js'
import { besideOf } from './beside.js'
import * as queries from './queries.js'
import { missingIn } from './rules.js'
import type { PreviewState } from './schema.js'
import { previewVariables } from './variables.js'
import { previewView } from './views.js'

const mostShown = 100

/** What comes to an end by itself. */
const moving: readonly PreviewState[] = ['waits', 'deploying', 'going']

/** The previews of one site, what they are allowed, and what they run with. */
export const previewsPage = (ctx: TeamCtx, slug: string) =>
  ctx.reading(async (tx) => {
    const site = await findSite(tx, slug)
    const beside = await besideOf(tx, site)
    const { settings } = beside
    const rows = ctx.may('preview:read') ? await queries.previewsOf(tx, site.id, mostShown) : []
    const connections = site.repository_key ? await connectionsTo(tx, site.repository_key) : []
    const mayRead = ctx.may('environment:read')
    const variables = mayRead ? await previewVariables(tx, site.id) : []
    const previews = rows.map((row) => previewView(ctx, row, beside))
    return {
      site,
      deployWhy: why(deployCan.deploy(site)),
      changeWhy: why(siteCan.change(site)),
      settings: { isOn: settings.is_on, most: settings.most, keptDays: settings.kept_days },
      previews,
      isMoving: previews.some(({ state }) => moving.includes(state)),
      variables,
      missing: mayRead ? missingIn(await openEnvironment(tx, site.id), variables) : [],
      connection: connections[0] ?? null,
      comments: connections.some(({ token_at }) => token_at !== null),
      commentFault: rows.find(({ tell_fault }) => tell_fault !== null)?.tell_fault ?? null,
    }
  })
