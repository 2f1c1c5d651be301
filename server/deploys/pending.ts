import type { TeamTx } from '../platform/access/ctx.js'
import type { SitesRow } from '../platform/db/tables.js'
import { environmentDigests } from '../sites/sites.js'
import { compareDigests, digestsOf, type KeyChange, type SettingChange, settingsDiffer } from './changes.js'
import * as queries from './queries.js'
import { settingsOf } from './release-settings.js'

/** What the next deploy changes, apart from the commits. */
export interface PendingChanges {
  /** Null for who may not read variables. */
  environment: KeyChange[] | null
  settings: SettingChange[]
}

/** Against the release that visitors have now; null while nothing is live, when all of it is new. */
export async function pendingChanges(tx: TeamTx, site: SitesRow): Promise<PendingChanges | null> {
  const live = site.live_release_id ? await queries.maybeRelease(tx, site.live_release_id) : undefined
  if (!live) return null
  return {
    environment: tx.ctx.may('environment:read', site.id)
      ? compareDigests(digestsOf(live), await environmentDigests(tx, site.id))
      : null,
    settings: settingsDiffer(live.settings, settingsOf(site)),
  }
}
