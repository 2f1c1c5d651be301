import { expect } from 'vitest'
import { checkDomainsHandler } from '../../jobs/domains/check-domains.js'
import { minutes } from './clock.js'
import { type DnsServer, type Entry, startDnsServer } from './dns-server.js'
import { makeServer, makeSite } from './make.js'
import { type SiteWorld, siteWorld } from './site-world.js'

type Who = 'developer' | 'stranger'

/** Two teams with a site and a server each, of which rival holds a name that acme wants. */
export type ContestWorld = Awaited<ReturnType<typeof contestWorld>>

export async function contestWorld() {
  const w: SiteWorld = await siteWorld()
  const dns: DnsServer = await startDnsServer()
  const configure = (change: object) => Object.assign(w.services, { config: { ...w.services.config, ...change } })
  configure({ resolvers: [dns.address] })
  let rivalServer: { id: string; slug: string }
  const job = () => ({ services: w.services, signal: new AbortController().signal })
  const check = () => checkDomainsHandler.run({}, job())

  async function send(who: Who, method: string, path: string, body?: object) {
    const person = w.people[who]
    const response = await fetch(`${w.panel.url}/api/v1/teams/${person.team?.slug}${path}`, {
      method,
      headers: { authorization: `Bearer ${person.apiKey}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    // biome-ignore lint/suspicious/noExplicitAny: an answer is what the test says it is
    return { status: response.status, json: (await response.json()) as any }
  }

  const add = (who: Who, name: string) => send(who, 'POST', '/sites/shop/domains', { name })
  const holders = async () =>
    (await w.test.query('select name, team_id from domains where verified_at is not null order by name')).map(
      ({ name, team_id }) => `${name} ${team_id === w.acme.id ? 'acme' : 'rival'}`,
    )
  const titles = async (who: Who) => {
    const { domains } = (await send(who, 'GET', '/sites/shop/domains')).json
    return domains.flatMap(({ findings }: { findings: { title: string }[] }) => findings.map(({ title }) => title))
  }

  /** Written down and proven by rival; then the record goes, and `zone` is what DNS says. */
  async function held(name: string, zone: Record<string, Entry> = {}): Promise<string> {
    const { domain } = (await add('stranger', name)).json
    const { proof } = (await send('stranger', 'GET', `/sites/shop/domains/${domain.id}`)).json
    dns.zone = { [proof.name]: { TXT: [proof.value] } }
    await check()
    dns.zone = { ...zone }
    w.clock.advance(minutes(1))
    return proof.value
  }

  /** What acme is told to set for it. */
  async function proofOf(name: string): Promise<{ at: string; value: string }> {
    const refused = await add('developer', name)
    expect(refused).toMatchObject({ status: 422, json: { errors: [{ field: 'name' }] } })
    const [, at = '', value = ''] = /TXT record (\S+) to (hostler=\S+),/.exec(JSON.stringify(refused.json)) ?? []
    return { at, value }
  }

  async function prove(name: string): Promise<void> {
    const { at, value } = await proofOf(name)
    dns.zone[at] = { TXT: [value] }
    expect((await add('developer', name)).status).toBe(201)
    await check()
  }

  return {
    w,
    dns,
    get rivalServer() {
      return rivalServer
    },
    configure,
    job,
    check,
    send,
    add,
    holders,
    titles,
    held,
    proofOf,
    prove,
    reset: async () => {
      await w.reset()
      dns.zone = {}
      const access = { kind: 'ssh', address: '203.0.113.9', port: 22, username: 'root' }
      rivalServer = await makeServer(w.test, w.rival, { ...access, edge: 'caddy' })
      await makeSite(w.test, rivalServer, w.rival, { slug: 'shop', name: 'shop', edge: 'caddy' })
      await makeSite(w.test, w.server, w.acme, { slug: 'shop', name: 'shop', edge: 'caddy' })
    },
    close: async () => {
      await dns.stop()
      await w.close()
    },
  }
}
