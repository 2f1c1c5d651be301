import type { DeployParts } from '../../jobs/deploys/context.js'
import { deployParts } from '../../jobs/deploys/parts.js'
import { checkDomainsHandler } from '../../jobs/domains/check-domains.js'
import { findLostSitesHandler } from '../../jobs/domains/find-lost-sites.js'
import { lookAtCertificatesHandler } from '../../jobs/domains/look-at-certificates.js'
import { requestServingHandler } from '../../jobs/domains/request-serving.js'
import { serveDomainsHandler } from '../../jobs/domains/serve-domains.js'
import { newId } from '../../server/platform/ids.js'
import { run } from '../../server/platform/operations/runner.js'
import { createHosts } from '../../server/platform/ssh/hosts.js'
import type { CaddyOptions, TestCaddy } from './caddy.js'
import { type DnsServer, startDnsServer } from './dns-server.js'
import { startEdge, type TestEdge } from './edges.js'
import { makeServer, makeSite } from './make.js'
import { startTestPanel, type TestPanel } from './panel.js'
import { type Name, type World, world } from './people.js'
import { freePort } from './ports.js'

/** A panel whose team has one site behind a real Caddy on this machine, and a DNS server that the panel asks. */
export interface DomainWorld extends World {
  panel: TestPanel
  at: TestEdge
  caddy: TestCaddy
  dns: DnsServer
  server: { id: string; slug: string }
  site: { id: string; slug: string; port: number }
  parts: DeployParts
  /** Below the site. */
  api(method: string, path: string, body?: unknown, who?: Name): Promise<{ status: number; json: Json }>
  /** Below the team. */
  teamApi: DomainWorld['api']
  /** All that the worker does for domains, once: looks, asks for operations, runs them. Says how those ended. */
  work(): Promise<string[]>
  /** What visitors are shown, looked at once. */
  look(): Promise<void>
}

// biome-ignore lint/suspicious/noExplicitAny: an answer is what the test says it is
type Json = any

export async function domainWorld(options: CaddyOptions = {}): Promise<DomainWorld> {
  const at = await startEdge('caddy', options)
  const { caddy } = at
  if (caddy === null) throw new Error('no Caddy')
  const dns = await startDnsServer()
  const w = await world()
  const hosts = createHosts(async () => ({ kind: 'local', name: 'web-1', root: at.host.root }))
  const all = { ...w.services.config, resolvers: [dns.address], webPorts: { http: caddy.webPorts.http } }
  Object.assign(w.services, { hosts, config: all })
  const panel = await startTestPanel(w)
  const server = await makeServer(w.test, w.acme, { name: 'web-1', root: at.host.root, edge: 'caddy' })
  const port = await freePort()
  const site = {
    ...(await makeSite(w.test, server, w.acme, { slug: 'shop', name: 'shop', edge: 'caddy', port })),
    port,
  }
  const parts: DeployParts = { ...deployParts(w.services, ['https']), edges: { caddy: at.edge, direct: at.edge } }
  const handlers = new Map([['serve-domains', serveDomainsHandler(parts)]])
  const never = new AbortController().signal
  const teamApi: DomainWorld['api'] = async (method, path, body, who = 'developer') => {
    const response = await fetch(`${panel.url}/api/v1/teams/acme${path}`, {
      method,
      headers: { authorization: `Bearer ${w.people[who].apiKey}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, json: text.startsWith('{') ? JSON.parse(text) : null }
  }

  return {
    ...w,
    panel,
    at,
    caddy,
    dns,
    server,
    site,
    parts,
    get people() {
      return w.people
    },
    teamApi,
    api: (method, path, ...more) => teamApi(method, `/sites/shop${path}`, ...more),
    work: async () => {
      const context = { services: w.services, signal: never }
      await findLostSitesHandler(parts).run({}, context)
      await checkDomainsHandler.run({}, context)
      await requestServingHandler.run({}, context)
      const open = await w.test.query<{ id: string }>("select id from operations where status = 'queued' order by id")
      for (const { id } of open) await run(w.services, handlers, id, newId(), never)
      const ended = await w.test.query<{ status: string; message: string | null }>(
        'select status, message from operations where id = any($1) order by id',
        [open.map(({ id }) => id)],
      )
      return ended.map(({ status, message }) => (message === null ? status : `${status}: ${message}`))
    },
    look: () => lookAtCertificatesHandler(parts).run({}, { services: w.services, signal: never }),
    close: async () => {
      await panel.close()
      await at.stop()
      await dns.stop()
      await hosts.close()
      await w.close()
    },
  }
}
