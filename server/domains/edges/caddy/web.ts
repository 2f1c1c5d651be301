import { type Access, openToAll } from '../access.js'
import type { Front } from '../front.js'
import { unknownNamePage } from '../pages.js'
import { errorRoutes, onEveryAnswer, showSite } from './access.js'
import { closeWhileChanging, say } from './handlers.js'
import { idOf, isOfSite, isOurs, siteOf } from './ids.js'
import { isObject, type Json, type JsonObject, valueAt, withoutValue, withValue } from './json.js'
import { type CertificateFiles, hasCertificates, withCertificates } from './own-certificates.js'
import { withoutPolicy, withPolicy } from './policies.js'

/**
 * Names of sites in Caddy's configuration: one route a site on the port of HTTP and one on that of HTTPS, and one policy for its
 * certificates. Where somebody else's server has the port, the routes are put before theirs, which stay as they are; else the port gets a
 * server of ours. All of them bear an `@id`, by which they are known again.
 */

export type Scheme = 'http' | 'https'

/** The names of loggers begin so; each site has one. */
export const siteLogs = 'hostler'

/** What became of certificates, for the page to read the reasons from; while there are names that have one. */
export const logPath = ['logging', 'logs', 'hostler-certificates']

export interface FrontSite {
  siteId: string
  folder: string
  /** Of the root certificate on that machine, where one was given. */
  rootFile: string
  certificateLog: string
  access: Access
  certificates: readonly CertificateFiles[]
}

export function withFront(config: Json, site: FrontSite, front: Front): Json {
  const secure = secureNames(front)
  const open = withRoutes(config, 'http', site, httpRoutes(site, front))
  const both = withRoutes(open, 'https', site, httpsRoutes(site, front, secure))
  const certified = withCertificates(both, site.siteId, site.certificates)
  return withCertificateLog(withPolicy(certified, site, front, managedNames(front)), site.certificateLog)
}

/** Leaves what others have, and nothing of that site; the last site takes our servers along. */
export const withoutFront = (config: Json, siteId: string): Json => {
  const site = { siteId, folder: '', rootFile: '', certificateLog: '', access: openToAll, certificates: [] }
  const certified = withCertificates(config, siteId, [])
  const rest = withoutPolicy(withRoutes(withRoutes(certified, 'http', site, []), 'https', site, []), siteId)
  return hasNames(rest) ? rest : withoutValue(rest, logPath)
}

function withCertificateLog(config: Json, filename: string): Json {
  if (!hasNames(config)) return withoutValue(config, logPath)
  return withValue(config, logPath, {
    include: ['tls'],
    level: 'ERROR',
    encoder: { format: 'json' },
    writer: { output: 'file', filename, roll_size_mb: 2, roll_keep: 2 },
  })
}

const hasNames = (config: Json): boolean =>
  routesAt(config, 'https').some((route) => idOf(route).startsWith('hostler-site-'))

export const namesServedSecurely = (config: Json, siteId: string): Set<string> =>
  new Set(
    routesAt(config, 'https')
      .filter((route) => isOfSite(route, siteId))
      .flatMap(hostsOf),
  )

/** Whether Caddy gets the certificate of some name of ours by itself. */
export const isAnyManaged = (config: Json): boolean =>
  routesAt(config, 'https').some(
    (route) => idOf(route).startsWith('hostler-site-') && !hasCertificates(config, siteOf(route)),
  )

/** Whose names it has, were it but to prove them. */
export const sitesByName = (config: Json): Set<string> => new Set(routesAt(config, 'http').filter(isOurs).map(siteOf))

function routesAt(config: Json, scheme: Scheme): readonly Json[] {
  const at = serverAt(config, scheme)
  const routes = at ? valueAt(config, ['apps', 'http', 'servers', at.name, 'routes']) : undefined
  return Array.isArray(routes) ? (routes as readonly Json[]) : [] // `as`: Array.isArray widens it
}

/** Where Caddy is told another port than the usual one, as something in front of the machine forwards to it. */
export const portPath = (scheme: Scheme): readonly string[] => ['apps', 'http', `${scheme}_port`]

export const portOf = (scheme: Scheme, told: Json | undefined): number =>
  typeof told === 'number' ? told : scheme === 'http' ? 80 : 443

export const portIn = (config: Json, scheme: Scheme): number => portOf(scheme, valueAt(config, portPath(scheme)))

/** The server that has the port already; null where nobody in this configuration has. */
export function serverAt(config: Json, scheme: Scheme): { name: string; isOurs: boolean } | null {
  const servers = valueAt(config, ['apps', 'http', 'servers'])
  const wanted = new RegExp(`^(tcp/)?(0\\.0\\.0\\.0|\\[::\\])?:${portIn(config, scheme)}$`)
  for (const [name, server] of Object.entries(isObject(servers) ? servers : {})) {
    const listen = valueAt(server, ['listen'])
    if (Array.isArray(listen) && listen.some((one) => wanted.test(String(one))))
      return { name, isOurs: name === ourServer(scheme) }
  }
  return null
}

/** Those that Caddy is about to open for us: Caddy must not be given one that is taken. */
export const newPorts = (before: Json, after: Json): number[] =>
  (['http', 'https'] as const)
    .filter((scheme) => serverAt(before, scheme) === null && serverAt(after, scheme) !== null)
    .filter((scheme) => scheme === 'https' || !redirectsByItself(before))
    .map((scheme) => portIn(after, scheme))

/** A server for HTTPS has Caddy open the port of HTTP too, to redirect, without a word of it in the configuration. */
function redirectsByItself(config: Json): boolean {
  const found = serverAt(config, 'https')
  if (found === null || found.isOurs) return false
  const automatic = ['apps', 'http', 'servers', found.name, 'automatic_https']
  return !['disable', 'disable_redirects'].some((word) => valueAt(config, [...automatic, word]) === true)
}

const ourServer = (scheme: Scheme): string => `hostler-${scheme}`
function withRoutes(config: Json, scheme: Scheme, { siteId }: FrontSite, routes: readonly JsonObject[]): Json {
  const at = serverAt(config, scheme)
  if (at === null && routes.length === 0) return config
  const path = ['apps', 'http', 'servers', at?.name ?? ourServer(scheme)]
  const all = routesAt(config, scheme)
  const ours = [
    ...all.filter((route) => isOurs(route) && !isOfSite(route, siteId) && idOf(route) !== unknownId(scheme)),
    ...routes,
  ]
  const sorted = ours.sort((one, other) => (rank(one) < rank(other) ? -1 : 1))
  if (at && !at.isOurs) {
    if (sorted.length === 0 && !all.some(isOurs)) return config
    return withValue(config, [...path, 'routes'], [...sorted, ...all.filter((route) => !isOurs(route))])
  }
  if (sorted.length === 0) return withoutValue(config, path)
  return withValue(config, path, webServer(scheme, portIn(config, scheme), sorted))
}

/** The proofs first, then whole names, then wildcards: the first route that matches is taken. */
const rank = (route: Json): string =>
  `${idOf(route).includes('-challenge-') ? 0 : idOf(route).includes('-wild-') ? 2 : 1}${idOf(route)}`

const unknownId = (scheme: Scheme): string => `hostler-unknown-${scheme}`

const webServer = (scheme: Scheme, port: number, routes: readonly Json[]): Json => ({
  listen: [`:${port}`],
  // Redirects are our own routes: each site says whether it wants them.
  automatic_https: { disable_redirects: true },
  protocols: scheme === 'http' ? ['h1'] : ['h1', 'h2'],
  read_header_timeout: 30_000_000_000,
  idle_timeout: 120_000_000_000,
  logs: { logger_names: loggersOf(routes), skip_unmapped_hosts: true },
  routes: [...routes, { '@id': unknownId(scheme), ...asObject(say(421, unknownNamePage)) }],
})

const asObject = (value: Json): JsonObject => (isObject(value) ? value : {})

const loggersOf = (routes: readonly Json[]): JsonObject =>
  Object.fromEntries(
    routes
      .filter((route) => !idOf(route).includes('-challenge-'))
      .flatMap((route) => hostsOf(route).map((name) => [name, `${siteLogs}.${siteOf(route)}`])),
  )

const hostsOf = (route: Json): string[] => {
  const [match] = (valueAt(route, ['match']) ?? []) as readonly Json[] // `as`: we wrote it as a list
  const hosts = valueAt(match ?? null, ['host'])
  return Array.isArray(hosts) ? hosts.map(String) : []
}

function httpRoutes(site: FrontSite, front: Front): JsonObject[] {
  const names = [...front.serves, ...front.redirects.map(({ name }) => name)]
  const whole = names.filter((name) => !isWildcard(name))
  const wild = names.filter(isWildcard)
  const { headers } = site.access
  return [
    ...(front.challenges.length > 0 ? [challengeRoute(site, front)] : []),
    ...(whole.length > 0
      ? [
          route({ id: `hostler-site-http-${site.siteId}`, names: whole, headers }, [
            ...redirectsOf(front, whole, 'http'),
            ...(front.forceHttps ? [toHttps] : showSite(site)),
          ]),
        ]
      : []),
    ...(wild.length > 0
      ? [
          route({ id: `hostler-wild-http-${site.siteId}`, names: wild, headers }, [
            ...redirectsOf(front, wild, 'http'),
            ...wildToHttps(front, wild),
            ...showSite(site),
          ]),
        ]
      : []),
  ]
}

function wildToHttps(front: Front, wild: readonly string[]): Json[] {
  const secure = secureNames(front).filter((name) => wild.includes(name))
  return front.forceHttps && secure.length > 0 ? [{ match: [{ host: secure }], ...redirect(308, hereByHttps) }] : []
}

function httpsRoutes(site: FrontSite, front: Front, secure: readonly string[]): JsonObject[] {
  const headers = [...site.access.headers, ...(front.hsts ? [strictTransport] : [])]
  return [
    { id: `hostler-site-https-${site.siteId}`, names: secure.filter((name) => !isWildcard(name)), headers },
    { id: `hostler-wild-https-${site.siteId}`, names: secure.filter(isWildcard), headers },
  ]
    .filter(({ names }) => names.length > 0)
    .map((what) => route(what, [...redirectsOf(front, what.names, 'https'), ...showSite(site)]))
}

/** Those that Caddy gets certificates for by itself. */
export const managedNames = (front: Front): string[] =>
  secureNames(front).filter((name) => !front.certificates.some((own) => own.name === name))

/** Caddy gets no certificate for a wildcard: it needs one of its own. */
const secureNames = ({ serves, redirects, certificates }: Front): string[] =>
  [...serves, ...redirects.map(({ name }) => name)].filter(
    (name) => !isWildcard(name) || certificates.some((own) => own.name === name),
  )

const challengeRoute = ({ siteId }: FrontSite, { challenges }: Front): JsonObject => ({
  '@id': `hostler-challenge-${siteId}`,
  match: challenges.map(({ name, path }) => ({ host: [name], path: [path] })),
  handle: [
    {
      handler: 'subroute',
      routes: challenges.map(({ name, path, body }) => ({
        match: [{ host: [name], path: [path] }],
        handle: [{ handler: 'static_response', status_code: 200, headers: { 'Content-Type': ['text/plain'] }, body }],
      })),
    },
  ],
  terminal: true,
})

const route = (
  { id, names, headers }: { id: string; names: readonly string[]; headers: Access['headers'] },
  routes: readonly Json[],
): JsonObject => ({
  '@id': id,
  match: [{ host: [...names] }],
  handle: [
    {
      handler: 'subroute',
      routes: [closeWhileChanging, ...onEveryAnswer(headers), ...routes],
      errors: { routes: errorRoutes(headers) },
    },
  ],
  terminal: true,
})

function redirectsOf({ redirects, primary, forceHttps }: Front, names: readonly string[], scheme: Scheme): Json[] {
  if (primary === null) return []
  const target = `${forceHttps ? 'https' : scheme}://${primary}{http.request.uri}`
  return redirects
    .filter(({ name }) => names.includes(name))
    .map(({ name, status }) => ({ match: [{ host: [name] }], ...redirect(status, target) }))
}

const redirect = (status: number, target: string): JsonObject => ({
  handle: [{ handler: 'static_response', status_code: status, headers: { Location: [target] } }],
  terminal: true,
})

/** The one who asks was matched by the host, so it is one of the site's names. */
const hereByHttps = 'https://{http.request.host}{http.request.uri}'
const toHttps: Json = redirect(308, hereByHttps)

const strictTransport = { name: 'Strict-Transport-Security', value: 'max-age=63072000' }

const isWildcard = (name: string): boolean => name.startsWith('*.')
