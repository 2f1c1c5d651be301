import type { EventReader } from '../platform/events/reader.js'
import type { Services } from '../platform/services.js'
import { bringPreviews, tellPreviews } from './jobs.js'
import * as queries from './queries.js'

/** What is changed of a site holds for its previews, too. */
const changes = ['site.updated', 'site.environment-changed', 'site.pushes-changed']

/** With these something is due already; one that is gone leaves room for another. */
const news = /^site\.(pull-request-|previews?-|removed$)/

/** Marks what an event makes due, and rings for it; a ring that is lost is only a wait until the next round. */
export function previewReader({ clock, log, queue }: Services): EventReader {
  const ring = (job: typeof bringPreviews) =>
    queue.enqueue(job, {}, { key: 'due' }).catch((error) => log.warn({ err: error }, 'could not ring for previews'))

  return {
    name: 'previews',
    handle: async ({ type, subject_id: siteId }, db) => {
      if (!siteId) return
      const isTold = type.startsWith('deploy.') && (await queries.tellOfSite(db, siteId, clock())) > 0
      const isChanged = changes.includes(type) && (await queries.bringOfSite(db, siteId, clock())) > 0
      if (isTold || news.test(type)) void ring(tellPreviews)
      if (isChanged || news.test(type)) void ring(bringPreviews)
    },
  }
}
