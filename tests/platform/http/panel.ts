import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import pino from 'pino'
import { type AppOptions, createApp } from '../../../server/app.js'
import { accessOf, wholeTeam } from '../../../server/platform/access/access.js'
import type { Authorizer, Identity, SignedIn } from '../../../server/platform/access/authorizer.js'
import { TeamCtx } from '../../../server/platform/access/ctx.js'
import type { Role } from '../../../server/platform/access/roles.js'
import { forbidden, notFound, UserError } from '../../../server/platform/errors.js'
import type { Route } from '../../../server/platform/http/route.js'
import { Secret } from '../../../server/platform/secret.js'
import type { Services } from '../../../server/platform/services.js'
import { createVault } from '../../../server/platform/vault/vault.js'
import '../../support/compiled-views.js'

/** A real Express app on a free port, with people who are only names. The database is not part of these tests. */
export interface Panel {
  readonly url: string
  readonly log: Record<string, unknown>[]
  readonly members: Map<string, Role>
  /** `as`: a person with a session, or `key:owner` for a bearer key. Redirects are not followed. */
  ask(path: string, init?: RequestInit & { as?: string }): Promise<Response>
  /** A form as a browser sends it: same origin, with the token of its session. */
  submit(path: string, fields: Record<string, string>, init?: RequestInit & { as?: string }): Promise<Response>
  api(method: string, path: string, body?: unknown, init?: RequestInit & { as?: string }): Promise<Response>
  close(): Promise<void>
}

export const team = { id: '01890000-0000-7000-8000-000000000001', slug: 'acme', name: 'Acme' }
export const tokenOf = (person: string) => `token-of-${person}`

/** A promise that the test itself settles (Node 20 has no Promise.withResolvers). */
export function latch<T = void>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

export async function startPanel(
  routes: readonly Route[],
  options: AppOptions & { baseUrl?: string; port?: number; isProduction?: boolean; services?: Partial<Services> } = {},
): Promise<Panel> {
  const log: Record<string, unknown>[] = []
  const members = new Map<string, Role>([
    ['owner', 'owner'],
    ['viewer', 'viewer'],
  ])
  const config = {
    baseUrl: new URL(options.baseUrl ?? 'http://panel.test'),
    dataFolder: '/nowhere',
    isProduction: options.isProduction ?? false,
  }
  const services = {
    config,
    log: pino({}, { write: (line: string) => void log.push(JSON.parse(line)) }),
    clock: () => new Date(),
    vault: createVault([new Secret('a secret of the tests, long enough')]),
    // Nothing is told, so streams end by their heartbeat.
    signals: { on: () => () => undefined, close: async () => undefined },
    ...options.services,
  } as Services // `as`: what lies behind the verbs (database, queue, hosts) is not reached by these routes.
  const app = createApp(services, routes, authorizerOf(services, members), {
    viewFolders: [join(import.meta.dirname, 'views')],
    ...options,
  })
  const server = app.listen(options.port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}` // `as`: it listens on TCP
  const cookie = config.baseUrl.protocol === 'https:' ? '__Host-session' : 'hostler-session'

  const ask: Panel['ask'] = (path, { as, ...init } = {}) => {
    const headers = new Headers(init.headers)
    if (as?.startsWith('key:')) headers.set('authorization', `Bearer ${as}`)
    else if (as) headers.append('cookie', `${cookie}=${as}`)
    return fetch(url + path, { redirect: 'manual', ...init, headers })
  }
  return {
    url,
    log,
    members,
    ask,
    submit: (path, fields, init = {}) =>
      ask(path, {
        method: 'POST',
        body: new URLSearchParams({ _csrf: tokenOf(init.as ?? ''), ...fields }),
        ...init,
        headers: { origin: config.baseUrl.origin, 'sec-fetch-site': 'same-origin', ...init.headers },
      }),
    api: (method, path, body, init = {}) =>
      ask(`/api/v1${path}`, {
        method,
        as: 'key:owner',
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...init,
        headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...init.headers },
      }),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }

  function authorizerOf(services: Services, members: Map<string, Role>): Authorizer {
    return {
      directoryCtx: () => Promise.reject(new UserError(401, 'There is no directory')),
      async identify(req: IncomingMessage): Promise<Identity> {
        const key = req.headers.authorization?.match(/^Bearer key:(\w+)$/)?.[1]
        if (req.headers.authorization && !key) throw new UserError(401, 'This API key is not known')
        if (key)
          return { kind: 'api-key', isPublishable: false, actor: { kind: 'api-key', id: `key-${key}`, name: key } }
        const name = req.headers.cookie?.match(new RegExp(`${cookie}=(\\w+)`))?.[1]
        if (!name) return { kind: 'visitor' }
        const actor = { kind: 'user' as const, id: name, name }
        return {
          kind: 'person',
          actor,
          isOperator: name === 'operator',
          sessionId: `s-${name}`,
          csrfToken: tokenOf(name),
          proofs: { passwordAt: null, factorAt: null, hasFactor: false },
          shut: { everywhere: false, teams: [] },
          teams: [],
        }
      },
      async teamCtx(identity: SignedIn, slug, permission) {
        const role = slug === team.slug ? members.get(identity.actor.name) : undefined
        if (!role) throw notFound('team')
        const ctx = TeamCtx.of(services, team, { actor: identity.actor, access: accessOf([wholeTeam(role)], () => []) })
        if (!ctx.may(permission)) throw forbidden('Your role in this team does not allow that')
        return ctx
      },
    }
  }
}
