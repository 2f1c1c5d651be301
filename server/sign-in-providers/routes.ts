import { flowCookie, listIdentities, unlinkIdentity } from '../identities/identities.js'
import { paths } from '../paths.js'
import { ownPath } from '../platform/http/own-path.js'
import { go, page, withCookies } from '../platform/http/reply.js'
import { del, get, post, type Route } from '../platform/http/route.js'
import { sessionCookie } from '../sessions/sessions.js'
import { Begin, Callback, CallbackQuery, leavePage } from '../sign-in-connections/sign-in-connections.js'
import { IdentityList } from './schema.js'
import { beginLink, beginSignIn, finish, type ProviderName, providerNames, waysOf } from './sign-in-providers.js'

const routesOf = (name: ProviderName) => [
  post(`/sign-in/${name}/starts`, { can: 'anyone', input: Begin }, async ({ ctx, input, origin }) =>
    leavePage(await beginSignIn(ctx, name, ownPath(input.next), origin)),
  ),
  post(`/sign-in/${name}/links`, { can: 'signed-in', stepUp: 'password-and-factor' }, async ({ ctx, origin }) =>
    leavePage(await beginLink(ctx, name, origin)),
  ),
  get(`/sign-in/${name}/callback`, { can: 'anyone', query: CallbackQuery }, ({ query }) => {
    const { code = '', state = '', iss = '', error = '' } = query
    return page('sign-in-providers/arrive', { provider: name, code, state, iss, error })
  }),
  post(`/sign-in/${name}/callback`, { can: 'anyone', input: Callback }, async ({ ctx, input, origin }) => {
    const arrived = await finish(ctx, name, input, {
      ...{ ip: origin.ip, userAgent: origin.userAgent, cookie: origin.cookie },
      ...{ oldCookie: origin.cookie(sessionCookie), flowCookie: origin.cookie(flowCookie) },
    })
    if (arrived.kind === 'signed-in') return withCookies(go(arrived.next), arrived.session)
    return go(paths.identities(), `You can sign in by ${arrived.label} from now on`)
  }),
]

export const signInProviderRoutes: readonly Route[] = [
  ...providerNames.flatMap(routesOf),
  get(
    '/profile/identities',
    { can: 'signed-in', output: IdentityList, summary: 'What you sign in by besides the password' },
    async ({ ctx }) =>
      page('sign-in-providers/identities', { identities: await listIdentities(ctx), ways: waysOf(ctx.services) }),
  ),
  del('/profile/identities/:identity', { can: 'signed-in', stepUp: 'password-and-factor' }, async ({ ctx, params }) => {
    await unlinkIdentity(ctx, params.identity)
    return go(paths.identities(), 'It no longer signs you in')
  }),
]
