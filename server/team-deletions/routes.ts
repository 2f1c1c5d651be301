import { paths } from '../paths.js'
import { go, page } from '../platform/http/reply.js'
import { del, get, post, type Route } from '../platform/http/route.js'
import { Confirmed, DeletionAnswer } from './schema.js'
import { deletionPage, requestTeamDeletion, undoTeamDeletion } from './team-deletions.js'

export const teamDeletionRoutes: readonly Route[] = [
  get(
    '/deletion',
    {
      can: 'team:delete',
      output: DeletionAnswer,
      summary: 'What would go with the team, and whether that was asked for',
    },
    async ({ ctx }) => page('team-deletions/show', await deletionPage(ctx)),
  ),

  post(
    '/deletion',
    {
      can: 'team:delete',
      stepUp: true,
      input: Confirmed,
      form: async ({ ctx }) => page('team-deletions/show', await deletionPage(ctx)),
    },
    async ({ ctx, input }) => {
      await requestTeamDeletion(ctx, input)
      return go(paths.teamDeletion(ctx.team.slug), `${ctx.team.name} is closed`)
    },
  ),

  del('/deletion', { can: 'team:delete' }, async ({ ctx }) => {
    await undoTeamDeletion(ctx)
    return go(paths.team(ctx.team.slug), `${ctx.team.name} is open again`)
  }),
]
