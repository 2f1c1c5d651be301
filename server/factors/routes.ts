import { paths } from '../paths.js'
import { ownPath } from '../platform/http/own-path.js'
import { go, page } from '../platform/http/reply.js'
import { del, get, post, put, type Route } from '../platform/http/route.js'
import { beginApp, confirmApp, removeApp } from './apps.js'
import { signInMethods } from './factors.js'
import { afterProof, proofForm } from './pages.js'
import { giveProof } from './proofs.js'
import { remakeCodes } from './recovery-codes.js'
import { AppCode, NewProof, ProofQuery, SignInMethods } from './schema.js'

/** Whoever changes how somebody signs in has just shown that they can: with the password and, where there is one, a factor. */
const asProven = { can: 'signed-in', stepUp: 'password-and-factor' } as const

export const factorRoutes: readonly Route[] = [
  get(
    '/profile/sign-in',
    { can: 'signed-in', output: SignInMethods, summary: 'What you sign in with besides your password' },
    async ({ ctx }) => page('factors/index', await signInMethods(ctx)),
  ),

  post('/profile/sign-in/app', asProven, async ({ ctx }) => page('factors/app', await beginApp(ctx), 201)),

  put(
    '/profile/sign-in/app',
    { ...asProven, input: AppCode, form: () => page('factors/app', { secret: null, qr: null }) },
    async ({ ctx, input }) => {
      const codes = await confirmApp(ctx, input.code)
      if (codes) return page('factors/recovery-codes', { codes, isFirst: true })
      return go(paths.signInMethods(), 'Your app is changed, and every other browser is signed out')
    },
  ),

  del('/profile/sign-in/app', asProven, async ({ ctx }) => {
    await removeApp(ctx)
    return go(paths.signInMethods(), 'The app is removed, and every other browser is signed out')
  }),

  post('/profile/sign-in/recovery-codes', asProven, async ({ ctx }) =>
    page('factors/recovery-codes', { codes: await remakeCodes(ctx), isFirst: false }, 201),
  ),

  get('/profile/proof', { can: 'unverified', query: ProofQuery }, ({ ctx, query }) =>
    proofForm(ctx, ownPath(query.next, paths.profile()), query.both === 'yes'),
  ),

  post(
    '/profile/proof',
    { can: 'unverified', input: NewProof, form: ({ ctx }) => proofForm(ctx, '', false) },
    async ({ ctx, input, origin }) => {
      await giveProof(ctx, input, origin)
      return afterProof(ctx, input.next, input.both === 'yes')
    },
  ),
]
