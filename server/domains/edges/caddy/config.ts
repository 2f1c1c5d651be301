import { checkName, type EdgeSite } from '../edge.js'
import { logFolder } from '../layout.js'
import { errorRoutes, onEveryAnswer, showSite } from './access.js'
import { closeWhileChanging } from './handlers.js'
import { isObject, isSameJson, type Json, valueAt, withoutValue, withValue } from './json.js'
import { siteLogs, sitesByName, withoutFront } from './web.js'

/**
 * Ours in Caddy's configuration: one server and one log per site, one line in the default log, one delay, and what `web.ts` has for
 * names. Nothing else.
 */
const serverPath = (siteId: string) => ['apps', 'http', 'servers', `hostler-${siteId}`]
const logPath = (siteId: string) => ['logging', 'logs', `hostler-${siteId}`]
const delayPath = ['apps', 'http', 'shutdown_delay']
const excludePath = ['logging', 'logs', 'default', 'exclude']
const accessLogs = `http.log.access.${siteLogs}`

export function withSite(config: Json, site: EdgeSite): Json {
  const served = withValue(config, serverPath(site.siteId), siteServer(site))
  const logged = withValue(served, logPath(site.siteId), accessLog(site))
  return withQuietDefaultLog(withShutdownDelay(logged))
}

/** With the last of our sites goes what was there for all of them, so Caddy is as we found it. */
export function withoutSite(config: Json, siteId: string): Json {
  const rest = withoutValue(withoutValue(withoutFront(config, siteId), serverPath(siteId)), logPath(siteId))
  return hasSites(rest) ? rest : withoutTraces(rest)
}

/** Whether the site's port is Caddy's already; else it must be free. */
export const isOpenFor = (config: Json, site: EdgeSite): boolean =>
  isSameJson(valueAt(config, [...serverPath(site.siteId), 'listen']), listenOn(site))

/** Those that are not in there: their port or, where they should have some, their names. */
export function lostOf(config: Json, sites: readonly { siteId: string; hasNames: boolean }[]): string[] {
  const named = sitesByName(config)
  return sites
    .filter(
      ({ siteId, hasNames }) => valueAt(config, serverPath(siteId)) === undefined || (hasNames && !named.has(siteId)),
    )
    .map(({ siteId }) => siteId)
}

function hasSites(config: Json): boolean {
  const servers = valueAt(config, ['apps', 'http', 'servers'])
  return isObject(servers) && Object.keys(servers).some((name) => name.startsWith('hostler-'))
}

function withoutTraces(config: Json): Json {
  const calm = valueAt(config, delayPath) === ourDelay ? withoutValue(config, delayPath) : config
  const listed = valueAt(calm, excludePath)
  if (!Array.isArray(listed)) return calm
  const names = listed.filter((name) => name !== accessLogs)
  return names.length === 0 ? withoutValue(calm, excludePath) : withValue(calm, excludePath, names)
}

/**
 * Caddy resets idle kept-alive connections of every site when its configuration changes. For three seconds before that, the
 * first route below asks visitors to open a new one: 0 of 36,000 requests failed over 14 changes. Somebody's own delay stays.
 */
const ourDelay = 3_000_000_000

const withShutdownDelay = (config: Json): Json =>
  valueAt(config, delayPath) === undefined ? withValue(config, delayPath, ourDelay) : config

/** Our visitors' requests go to the site's own file, so they are kept out of the machine's journal. */
function withQuietDefaultLog(config: Json): Json {
  const listed = valueAt(config, excludePath)
  const names = Array.isArray(listed) ? listed : []
  return names.includes(accessLogs) ? config : withValue(config, excludePath, [...names, accessLogs])
}

const listenOn = (site: EdgeSite): Json => [`:${site.port}`]

export function siteServer(site: EdgeSite): Json {
  return {
    listen: listenOn(site),
    automatic_https: { disable: true },
    protocols: ['h1'],
    read_header_timeout: 30_000_000_000,
    idle_timeout: 120_000_000_000,
    logs: { default_logger_name: `${siteLogs}.${site.siteId}` },
    routes: [closeWhileChanging, answerCheck(site), ...onEveryAnswer(site.access.headers), ...showSite(site)],
    errors: { routes: errorRoutes(site.access.headers) },
  }
}

const answerCheck = (site: EdgeSite): Json => ({
  match: [
    {
      host: [checkName],
      remote_ip: { ranges: ['127.0.0.0/8', '::1'] },
      file: { root: site.folder, try_files: ['upstream/'] },
    },
  ],
  handle: [
    { handler: 'vars', skip_log: true, log_skip: true },
    { handler: 'static_response', status_code: 204 },
  ],
  terminal: true,
})

export const accessLog = (site: EdgeSite): Json => ({
  include: [`${accessLogs}.${site.siteId}`],
  encoder: { format: 'json' },
  writer: {
    output: 'file',
    filename: `${logFolder(site.folder)}/access.log`,
    roll_size_mb: 20,
    roll_keep: 10,
    roll_keep_days: 60,
  },
})
