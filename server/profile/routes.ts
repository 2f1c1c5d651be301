import { paths } from '../paths.js'
import type { PersonCtx } from '../platform/access/ctx.js'
import { go, page } from '../platform/http/reply.js'
import { get, patch, put } from '../platform/http/route.js'
import { changeName, changePassword, profileOf } from './profile.js'
import { NewName, PasswordChange, Profile } from './schema.js'

export const profileRoutes = [
  get('/profile', { can: 'signed-in', output: Profile, summary: 'You' }, ({ ctx }) => profilePage(ctx)),

  patch(
    '/profile',
    { can: 'signed-in', input: NewName, form: ({ ctx }) => profilePage(ctx) },
    async ({ ctx, input }) => {
      await changeName(ctx, input.name)
      return go(paths.profile(), 'Your name is changed')
    },
  ),

  put(
    '/profile/password',
    { can: 'signed-in', stepUp: 'password-and-factor', input: PasswordChange, form: ({ ctx }) => profilePage(ctx) },
    async ({ ctx, input, origin }) => {
      await changePassword(ctx, input, origin)
      return go(paths.profile(), 'Your password is changed, and every other browser is signed out')
    },
  ),
]

const profilePage = async (ctx: PersonCtx) => page('profile/show', await profileOf(ctx))
