import type { TeamTx } from '../platform/access/ctx.js'
import type { SitesRow } from '../platform/db/tables.js'
import { environmentDigests } from '../sites/sites.js'
import { compareDigests, digestsOf, type KeyChange, type SettingChange, settingsDiffer } from './changes.js'
import * as queries from './queries.js'
import { settingsOf } from './release-settings.js'

/** What the next deploy changes, apart from the commits. */
export interface PendingChanges {
  environment: KeyChange[]
  settings: SettingChange[]
}

/** Against the release that visitors have now; null while nothing is live, when all of it is new. */
export async function pendingChanges(tx: TeamTx, site: SitesRow): Promise<PendingChanges | null> {
  const live = site.live_release_id ? await queries.maybeRelease(tx, site.live_release_id) : undefined
  if (!live) return null
  return {
    environment: compareDigests(digestsOf(live), await environmentDigests(tx, site.id)),
    settings: settingsDiffer(live.settings, settingsOf(site)),
  }
}
