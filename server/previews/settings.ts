import type { TeamCtx } from '../platform/access/ctx.js'
import { append } from '../platform/events/append.js'
import { refuseUnless } from '../platform/verdict.js'
import { findLocked, siteCan } from '../sites/sites.js'
import * as queries from './queries.js'
import type { PreviewWish } from './schema.js'

/** Switched off, the previews that there are go; switched on, pull requests get theirs when they next change. */
export const updatePreviewSettings = (ctx: TeamCtx, slug: string, wish: PreviewWish): Promise<void> =>
  ctx.transaction(async (tx) => {
    const site = await findLocked(tx, slug)
    refuseUnless(siteCan.change(site))
    const settings = { is_on: wish.isOn, most: wish.most, kept_days: wish.keptDays }
    await queries.putSettings(tx, { site_id: site.id, team_id: site.team_id, ...settings })
    await queries.bringAll(tx, site.id, ctx.now())
    const data = { name: site.name, on: wish.isOn, most: wish.most, days: wish.keptDays }
    await append(tx, { type: 'site.previews-changed', subject: { kind: 'site', id: site.id, name: site.name }, data })
  })
