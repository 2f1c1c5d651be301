import { paths } from '../../paths.js'
import { ownPath } from '../../platform/http/own-path.js'
import { go, json, page, withCookies } from '../../platform/http/reply.js'
import { del, type Origin, patch, post, type Route } from '../../platform/http/route.js'
import { sessionCookie } from '../../sessions/sessions.js'
import { finishByPasskey, signInMethods } from '../factors.js'
import { afterProof, halfPage, proofForm } from '../pages.js'
import { proveByPasskey } from '../proofs.js'
import { beginPasskeySignIn, signInWithPasskey } from './passkey-sign-in.js'
import { addPasskey, beginPasskey, beginUse, removePasskey, renamePasskey } from './passkeys.js'
import { NewPasskey, NewPasskeyName, UsedPasskey } from './schema.js'

const asProven = { can: 'signed-in', stepUp: 'password-and-factor' } as const
const added = 'The passkey is added, and every other browser is signed out'

/** Each has two halves: a script asks for a challenge, and sends what the browser answers with the form. */
export const passkeyRoutes: readonly Route[] = [
  post('/profile/sign-in/passkey-challenges', asProven, async ({ ctx }) => json(await beginPasskey(ctx))),

  post(
    '/profile/sign-in/passkeys',
    { ...asProven, input: NewPasskey, form: async ({ ctx }) => page('factors/index', await signInMethods(ctx)) },
    async ({ ctx, input }) => {
      const codes = await addPasskey(ctx, input)
      return codes ? page('factors/recovery-codes', { codes, isFirst: true }) : go(paths.signInMethods(), added)
    },
  ),

  patch(
    '/profile/sign-in/passkeys/:passkey',
    { ...asProven, input: NewPasskeyName, form: async ({ ctx }) => page('factors/index', await signInMethods(ctx)) },
    async ({ ctx, params, input }) => {
      await renamePasskey(ctx, params.passkey, input.name)
      return go(paths.signInMethods(), 'The passkey has its new name')
    },
  ),

  del('/profile/sign-in/passkeys/:passkey', asProven, async ({ ctx, params }) => {
    await removePasskey(ctx, params.passkey)
    return go(paths.signInMethods(), 'The passkey is removed, and every other browser is signed out')
  }),

  post('/profile/proof/passkey-challenges', { can: 'unverified' }, async ({ ctx }) =>
    json(await beginUse(ctx, 'proof')),
  ),

  post(
    '/profile/proof/passkey',
    { can: 'unverified', input: UsedPasskey, form: ({ ctx }) => proofForm(ctx, '', false) },
    async ({ ctx, input }) => {
      await proveByPasskey(ctx, input.response)
      return afterProof(ctx, input.next, input.both === 'yes')
    },
  ),

  post('/sign-in/factor/passkey-challenges', { can: 'half-signed-in' }, async ({ ctx }) =>
    json(await beginUse(ctx, 'factor')),
  ),

  post(
    '/sign-in/factor/passkey',
    { can: 'half-signed-in', input: UsedPasskey, form: ({ ctx }) => halfPage(ctx, '') },
    async ({ ctx, input, origin }) => {
      const session = await finishByPasskey(ctx, input.response, origin)
      return withCookies(go(ownPath(input.next)), session)
    },
  ),

  post('/sign-in/passkey-challenges', { can: 'anyone' }, async ({ ctx, origin }) =>
    json(await beginPasskeySignIn(ctx, fromOf(origin))),
  ),

  post(
    '/sign-in/passkey',
    {
      can: 'anyone',
      input: UsedPasskey,
      form: () => page('sessions/new', { next: '', isSetUp: true, takesPasskeys: true }),
    },
    async ({ ctx, input, origin }) => {
      const session = await signInWithPasskey(ctx, input.response, fromOf(origin))
      return withCookies(go(ownPath(input.next)), session)
    },
  ),
]

const fromOf = (origin: Origin) => ({
  ip: origin.ip,
  userAgent: origin.userAgent,
  cookie: origin.cookie,
  visitor: origin.cookie('visitor'),
  oldCookie: origin.cookie(sessionCookie),
})
