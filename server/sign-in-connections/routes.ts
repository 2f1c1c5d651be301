import { Readable } from 'node:stream'
import type { z } from 'zod'
import { flowCookie } from '../identities/identities.js'
import { paths } from '../paths.js'
import { PersonCtx, type TeamCtx, type VisitorCtx } from '../platform/access/ctx.js'
import { carriedToken } from '../platform/http/carried-token.js'
import { ownPath } from '../platform/http/own-path.js'
import { file, go, page } from '../platform/http/reply.js'
import { del, get, type Origin, patch, post, receiveForm } from '../platform/http/route.js'
import { sessionCookie } from '../sessions/sessions.js'
import type { From } from './arriving.js'
import { arrivedReply, leavePage, roleOptions } from './pages.js'
import { metadataOf, takeAnswer } from './saml-answers.js'
import {
  Begin,
  BeginQuery,
  ByAddress,
  Callback,
  CallbackQuery,
  ChangedSignInConnection,
  KindQuery,
  NewSignInConnection,
  Removed,
  SignInConnectionAnswer,
  SignInConnectionList,
} from './schema.js'
import { addConnection, changeConnection } from './settings.js'
import { beginLink, beginSignIn, beginTrial, findPublic, finish, waysFor } from './sign-in.js'
import { listConnections, removeConnection, reserveConnection, showConnection } from './sign-in-connections.js'

/** Those that are not forged have a few thousand. */
const mostAnswerBytes = 512 * 1024

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
      // Whoever it says comes in, and stays when the key that made it is gone.
      stepUp: true,
      input: NewSignInConnection,
      output: SignInConnectionAnswer,
      form: ({ ctx }) => newPage(ctx, 'oidc'),
      summary: 'Let people sign in by an OpenID or SAML provider',
    },
    async ({ ctx, input }) => shown(ctx, await addConnection(ctx, input), 'The sign-in connection is made. Try it now'),
  ),
  get('/sign-in-connections/new', { can: 'sign-in:manage', query: KindQuery }, ({ ctx, query }) =>
    newPage(ctx, query.kind),
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
      // Whoever sets whom the provider is can come in as anybody who signs in by it.
      stepUp: true,
      input: ChangedSignInConnection,
      output: SignInConnectionAnswer,
      form: ({ ctx, params }) => showPage(ctx, params.connection),
      summary: 'Change its name, client, metadata or the role of newcomers; the secret is never shown again',
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
      stepUp: true,
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

  get('/sign-in/address', { can: 'anyone', query: BeginQuery }, ({ ctx, query }) =>
    addressPage(ctx, ownPath(query.next, '')),
  ),
  post(
    '/sign-in/address',
    { can: 'anyone', input: ByAddress, form: ({ ctx }) => addressPage(ctx, '') },
    async (call) => {
      const { ctx, input, origin } = call
      const [ways, next] = [await waysFor(ctx, input.email), ownPath(input.next)]
      const [only, ...others] = ways
      if (!only || others.length > 0) return page('sign-in-connections/ways', { ways, next })
      return leavePage(await beginSignIn(ctx, only.id, next, origin.cookie(flowCookie)))
    },
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
  post('/sign-in-connections/:connection/links', { can: 'signed-in', stepUp: 'password-and-factor' }, async (call) =>
    leavePage(await beginLink(call.ctx, call.params.connection, call.origin.cookie(flowCookie))),
  ),
  get('/sign-in-connections/:connection/callback', { can: 'anyone', query: CallbackQuery }, async (call) => {
    const { id, name } = await findPublic(call.ctx.services, call.params.connection)
    return page('sign-in-connections/arrive', { id, name, ...cameBackWith(call.query) })
  }),
  post('/sign-in-connections/:connection/callback', { can: 'anyone', input: Callback }, async (call) =>
    arrivedReply(await finish(call.ctx, call.params.connection, call.input, fromOf(call.origin))),
  ),
  receiveForm('/sign-in-connections/:connection/saml', mostAnswerBytes, async ({ ctx, params, input, origin }) => {
    const state = await takeAnswer(ctx, params.connection, input.bytes, origin.ip)
    return go(`${paths.signInByCallback(params.connection)}?state=${encodeURIComponent(state)}`)
  }),
  get('/sign-in-connections/:connection/metadata', { can: 'anyone' }, async ({ ctx, params }) => {
    const xml = await metadataOf(ctx, params.connection)
    return file('hostler-metadata.xml', 'application/samlmetadata+xml', Readable.from([xml]))
  }),
]

/** What a form sends on; the rest of what a provider says is not looked at. */
const cameBackWith = ({ code = '', state = '', iss = '', error = '' }: z.output<typeof CallbackQuery>) => ({
  ...{ code, state, iss, error },
})

const fromOf = (origin: Origin): From => ({
  ...{ ip: origin.ip, userAgent: origin.userAgent, cookie: origin.cookie },
  ...{ oldCookie: origin.cookie(sessionCookie), flowCookie: origin.cookie(flowCookie) },
  invitation: carriedToken(origin),
})

const addressPage = ({ services }: VisitorCtx, next: string) =>
  page('sign-in-connections/address', { next, providers: Object.keys(services.config.signInProviders ?? {}) })

const listPage = async (ctx: TeamCtx) =>
  page('sign-in-connections/index', { signInConnections: await listConnections(ctx), team: ctx.team })

const newPage = (ctx: TeamCtx, kind: 'oidc' | 'saml') =>
  page('sign-in-connections/new', { ...reserveConnection(ctx), kind, team: ctx.team, roles: roleOptions })

const showPage = async (ctx: TeamCtx, id: string) =>
  page('sign-in-connections/show', {
    signInConnection: await showConnection(ctx, id),
    team: ctx.team,
    roles: roleOptions,
  })

const shown = async (ctx: TeamCtx, id: string, message: string) =>
  go(paths.signInConnection(ctx.team.slug, id), message, { signInConnection: await showConnection(ctx, id) })
