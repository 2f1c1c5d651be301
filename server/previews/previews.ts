import type { Services } from '../platform/services.js'
import * as queries from './queries.js'

export { askDue } from './asking.js'
export { bringDue } from './bringing.js'
export { judgePullRequest } from './judging.js'
export { previewReader } from './reading.js'
export { tellDue } from './telling.js'

/** What time alone makes due: age, and a site's new address. */
export async function noticeTime(services: Services): Promise<void> {
  const now = services.clock()
  await services.db.asSystem(async (db) => {
    await queries.expire(db, now)
    await queries.tellOfAddresses(db, now)
  })
}
