import { page } from '../platform/http/reply.js'
import { get, type Route } from '../platform/http/route.js'
import { activityPage, verifyActivity } from './activity.js'
import { ActivityQuery, EventList, Verification } from './schema.js'

export const activityRoutes: readonly Route[] = [
  get(
    '/activity',
    { can: 'event:read', query: ActivityQuery, output: EventList, summary: 'What happened, newest first' },
    async ({ ctx, query }) => page('activity/index', await activityPage(ctx, query)),
  ),

  get(
    '/activity/verification',
    { can: 'event:verify', output: Verification, summary: 'Whether the event log is whole' },
    async ({ ctx }) => page('activity/verification', await verifyActivity(ctx)),
  ),
]
