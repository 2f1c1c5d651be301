import type { EventReader } from '../platform/events/reader.js'
import { makeBell } from '../platform/queue/bell.js'
import type { Services } from '../platform/services.js'
import { bringPreviews, tellPreviews } from './jobs.js'
import * as queries from './queries.js'

/** What is changed of a site holds for its previews, too. */
const changes = ['site.updated', 'site.environment-changed', 'site.pushes-changed']

/** With these something is due already; one that is gone leaves room for another. */
const news = /^site\.(pull-request-|previews?-|removed$)/

/** Marks what an event makes due, and rings for it. */
export function previewReader(services: Services): EventReader {
  const ringToTell = makeBell(services, tellPreviews)
  const ringToBring = makeBell(services, bringPreviews)
  return {
    name: 'previews',
    handle: async ({ type, subject_id: siteId }, db) => {
      if (!siteId) return
      const now = services.clock()
      if (type === 'site.updated') await queries.closeOthers(db, siteId, now)
      const isTold = type.startsWith('deploy.') && (await queries.tellOfSite(db, siteId, now)) > 0
      const isChanged = changes.includes(type) && (await queries.bringOfSite(db, siteId, now)) > 0
      if (isTold || news.test(type)) ringToTell()
      if (isChanged || news.test(type)) ringToBring()
    },
  }
}
