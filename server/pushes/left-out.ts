import type { Gap } from '../git/history.js'
import type { SitesRow } from '../platform/db/tables.js'
import { isLeftOut, judgeGap } from './rules.js'
import { verdictWords } from './words.js'

/** Why nothing of what came to the branch has to be deployed, in words; null where something has. */
export function whyLeftOut(gap: Gap, site: SitesRow): string | null {
  const { verdict, detail } = judgeGap(gap, site)
  return isLeftOut(verdict) ? `${verdictWords[verdict].text}. ${detail}` : null
}
