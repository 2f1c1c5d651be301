import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { caddyEdge } from '../../../../server/domains/edges/caddy/caddy-edge.js'
import type { EdgeSite } from '../../../../server/domains/edges/edge.js'
import type { Front } from '../../../../server/domains/edges/front.js'
import { LocalHost } from '../../../../server/platform/ssh/local-host.js'
import { ask, startEdge, type TestEdge } from '../../../support/edges.js'
import { needs } from '../../../support/parts.js'
import { eventually } from '../../../support/sites.js'

/** Nobody answers there, which Caddy says at once. */
const caOn = (port: number) => ({ url: `https://127.0.0.1:${port}/dir`, email: null, rootPem: null })

describe.skipIf(!needs('caddy'))('a Caddy that no CA knows yet', () => {
  let at: TestEdge
  let shop: EdgeSite
  beforeAll(async () => {
    at = await startEdge('caddy')
    shop = await at.newSite()
  })
  afterAll(() => at.stop())

  const front = (names: readonly string[], acme: Front['acme'] = caOn(9)): Front => ({
    ...{ serves: names, redirects: [], primary: names[0] ?? null, forceHttps: false, hsts: false },
    ...{ challenges: [], certificates: [], acme },
  })

  /** The names that it has policies for, each time that they are others than before. */
  async function namesWhile(work: () => Promise<void> | undefined): Promise<string[][]> {
    const seen: string[][] = []
    let isOver = false
    const watching = eventually('the end of the work', async () => {
      // Whoever asks while it takes a new configuration may be cut.
      const config = await at.caddy?.config().catch(() => null)
      const names = namesIn(config).sort()
      if (config && names.join() !== seen.at(-1)?.join()) seen.push(names)
      return isOver
    })
    await work()
    isOver = true
    await watching
    return seen.slice(1)
  }

  it('is told of one name alone, and of the others once that was answered', async () => {
    const names = await namesWhile(() =>
      at.edge.applyFront?.(at.host, shop, front(['a.example.test', 'b.example.test'])),
    )

    expect(names).toEqual([['a.example.test'], ['a.example.test', 'b.example.test']])
  })

  it('knows the CA from then on, whoever comes to it', async () => {
    const newcomer = new LocalHost({ name: 'web-1', root: at.host.root })
    const edge = caddyEdge({ door: { port: at.caddy?.adminPort ?? 0 }, user: at.caddy?.user ?? '' })
    const blog = await at.newSite()

    const names = await namesWhile(() => edge.applyFront?.(newcomer, blog, front(['c.example.test', 'd.example.test'])))

    expect(names).toEqual([['a', 'b', 'c', 'd'].map((letter) => `${letter}.example.test`)])
    await newcomer.close()
  })

  it('goes on serving a wildcard by HTTP while a name beside it goes first', async () => {
    const wild = await at.newSite()
    await at.edge.applyFront?.(at.host, wild, front(['*.wild.example.test'], caOn(11)))
    const statuses = new Set<number>()
    const visit = () => ask(at.caddy?.webPorts.http ?? 0, '/', { headers: { host: 'x.wild.example.test' } })
    let isOver = false
    const visiting = eventually('the end of the change', async () => {
      // Whoever has come in the moment of the change, and was not let in yet, may be cut, and comes again.
      const { status } = await visit().catch(visit)
      statuses.add(status)
      return isOver
    })

    await at.edge.applyFront?.(at.host, wild, front(['*.wild.example.test', 'a.wild.example.test'], caOn(11)))
    isOver = true
    await visiting

    expect([...statuses]).toEqual([503])
  })

  it('goes on serving all names while it gets to know another CA by one of them', async () => {
    const both = ['a.example.test', 'b.example.test']

    const changed = await namesWhile(() => at.edge.applyFront?.(at.host, shop, front(both, caOn(10))))

    expect(changed).toEqual([])
    expect(namesIn(await at.caddy?.config(), caOn(10).url).sort()).toEqual(both)
  })
})

// biome-ignore lint/suspicious/noExplicitAny: Caddy's configuration is what it is
const namesIn = (config: any, ca?: string): string[] =>
  (config?.apps?.tls?.automation?.policies ?? [])
    // biome-ignore lint/suspicious/noExplicitAny: as above
    .filter((policy: any) => policy.subjects && (ca === undefined || policy.issuers[0].ca === ca))
    // biome-ignore lint/suspicious/noExplicitAny: as above
    .flatMap((policy: any) => policy.subjects)
