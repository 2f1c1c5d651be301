import type { z } from 'zod'
import { flowCookie } from '../identities/identities.js'
import { paths } from '../paths.js'
import { PersonCtx, type TeamCtx } from '../platform/access/ctx.js'
import { ownPath } from '../platform/http/own-path.js'
import { go, page } from '../platform/http/reply.js'
import { del, get, type Origin, patch, post } from '../platform/http/route.js'
import { sessionCookie } from '../sessions/sessions.js'
import type { From } from './arriving.js'
import { arrivedReply, leavePage, roleOptions } from './pages.js'
import {
  Begin,
  BeginQuery,
  Callback,
  CallbackQuery,
  ChangedSignInConnection,
  NewSignInConnection,
  Removed,
  SignInConnectionAnswer,
  SignInConnectionList,
} from './schema.js'
import { beginLink, beginSignIn, beginTrial, findPublic, finish } from './sign-in.js'
import {
  addConnection,
  changeConnection,
  listConnections,
  removeConnection,
  reserveConnection,
  showConnection,
} from './sign-in-connections.js'

export const signInConnectionRoutes = [
  get(
    '/sign-in-connections',
    { can: 'sign-in:manage', output: SignInConnectionList, summary: 'Identity providers that people sign in by' },
    ({ ctx }) => listPage(ctx),
  ),
  post(
    '/sign-in-connections',
    {
      can: 'sign-in:manage',
      input: NewSignInConnection,
      output: SignInConnectionAnswer,
      form: ({ ctx }) => listPage(ctx),
      summary: 'Let people sign in by an OpenID provider',
    },
    async ({ ctx, input }) => shown(ctx, await addConnection(ctx, input), 'The sign-in connection is made. Try it now'),
  ),
  get(
    '/sign-in-connections/:connection',
    { can: 'sign-in:manage', output: SignInConnectionAnswer, summary: 'A sign-in connection' },
    ({ ctx, params }) => showPage(ctx, params.connection),
  ),
  patch(
    '/sign-in-connections/:connection',
    {
      can: 'sign-in:manage',
      input: ChangedSignInConnection,
      output: SignInConnectionAnswer,
      form: ({ ctx, params }) => showPage(ctx, params.connection),
      summary: 'Change its name, client or the role of newcomers; the secret is never shown again',
    },
    async ({ ctx, params, input }) => {
      await changeConnection(ctx, params.connection, input)
      return shown(ctx, params.connection, 'The sign-in connection is changed')
    },
  ),
  del(
    '/sign-in-connections/:connection',
    {
      can: 'sign-in:manage',
      output: Removed,
      summary: 'Remove a sign-in connection; whoever came in by it is signed out',
    },
    async ({ ctx, params }) => {
      await removeConnection(ctx, params.connection)
      return go(paths.signInConnections(ctx.team.slug), 'The sign-in connection is removed')
    },
  ),
  post('/sign-in-connections/:connection/trials', { can: 'sign-in:manage' }, async ({ ctx, params, origin }) =>
    leavePage(await beginTrial(ctx, params.connection, origin.cookie(flowCookie))),
  ),

  get('/sign-in-connections/:connection', { can: 'anyone', query: BeginQuery }, async ({ ctx, params, query }) => {
    const { id, name, team_name: teamName } = await findPublic(ctx.services, params.connection)
    const next = ownPath(query.next, '')
    return page('sign-in-connections/begin', { id, name, teamName, next, isSignedIn: ctx instanceof PersonCtx })
  }),
  post('/sign-in-connections/:connection/starts', { can: 'anyone', input: Begin }, async (call) => {
    const { ctx, params, input, origin } = call
    return leavePage(await beginSignIn(ctx, params.connection, ownPath(input.next), origin.cookie(flowCookie)))
  }),
  post('/sign-in-connections/:connection/links', { can: 'signed-in' }, async ({ ctx, params, origin }) =>
    leavePage(await beginLink(ctx, params.connection, origin.cookie(flowCookie))),
  ),
  get('/sign-in-connections/:connection/callback', { can: 'anyone', query: CallbackQuery }, async (call) => {
    const { id, name } = await findPublic(call.ctx.services, call.params.connection)
    return page('sign-in-connections/arrive', { id, name, ...cameBackWith(call.query) })
  }),
  post('/sign-in-connections/:connection/callback', { can: 'anyone', input: Callback }, async (call) =>
    arrivedReply(await finish(call.ctx, call.params.connection, call.input, fromOf(call.origin))),
  ),
]

/** What a form sends on; the rest of what a provider says is not looked at. */
const cameBackWith = ({ code = '', state = '', iss = '', error = '' }: z.output<typeof CallbackQuery>) => ({
  ...{ code, state, iss, error },
})

const fromOf = (origin: Origin): From => ({
  ...{ ip: origin.ip, userAgent: origin.userAgent, cookie: origin.cookie },
  ...{ oldCookie: origin.cookie(sessionCookie), flowCookie: origin.cookie(flowCookie) },
})

const listPage = async (ctx: TeamCtx) =>
  page('sign-in-connections/index', {
    ...{ signInConnections: await listConnections(ctx), team: ctx.team },
    ...{ roles: roleOptions, ...reserveConnection(ctx) },
  })

const showPage = async (ctx: TeamCtx, id: string) =>
  page('sign-in-connections/show', {
    signInConnection: await showConnection(ctx, id),
    team: ctx.team,
    roles: roleOptions,
  })

const shown = async (ctx: TeamCtx, id: string, message: string) =>
  go(paths.signInConnection(ctx.team.slug, id), message, { signInConnection: await showConnection(ctx, id) })
