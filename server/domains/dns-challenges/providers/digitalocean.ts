import { z } from 'zod'
import { UserError } from '../../../platform/errors.js'
import { Secret } from '../../../platform/secret.js'
import type { Ask, DnsProvider, TxtRecord } from './provider.js'

const Domains = z.object({ domains: z.array(z.object({ name: z.string() })) })
const Records = z.object({ domain_records: z.array(z.object({ id: z.number(), data: z.string() })) })

/** https://docs.digitalocean.com/reference/api/digitalocean/#tag/Domain-Records */
export const digitalocean: DnsProvider = {
  label: 'DigitalOcean',
  token: 'A personal access token with the scopes “domain: read, create, update, delete”',
  base: 'https://api.digitalocean.com/v2',
  headers: (token) => ({ authorization: new Secret(`Bearer ${token.reveal()}`) }),
  present: async (ask, record) => {
    const zone = await zoneOf(ask, record.name)
    if ((await idsOf(ask, zone, record)).length > 0) return
    const name = record.name.slice(0, -(zone.length + 1))
    await ask('POST', `/domains/${encodeURIComponent(zone)}/records`, {
      type: 'TXT',
      name,
      data: record.value,
      ttl: 30,
    })
  },
  remove: async (ask, record) => {
    const zone = await zoneOf(ask, record.name)
    for (const id of await idsOf(ask, zone, record))
      await ask('DELETE', `/domains/${encodeURIComponent(zone)}/records/${id}`)
  },
}

/** The longest of the names above it that is a domain there. */
async function zoneOf(ask: Ask, name: string): Promise<string> {
  const { domains } = Domains.parse(await ask('GET', '/domains?per_page=200'))
  const above = domains.map((domain) => domain.name.toLowerCase()).filter((zone) => name.endsWith(`.${zone}`))
  const [zone] = above.sort((one, other) => other.length - one.length)
  if (zone === undefined)
    throw new UserError(
      422,
      `DigitalOcean shows the token no domain of ${name}`,
      'Add the domain there, or another token.',
    )
  return zone
}

async function idsOf(ask: Ask, zone: string, { name, value }: TxtRecord): Promise<number[]> {
  const asked = new URLSearchParams({ type: 'TXT', name, per_page: '200' })
  const { domain_records } = Records.parse(await ask('GET', `/domains/${encodeURIComponent(zone)}/records?${asked}`))
  return domain_records.filter(({ data }) => data === value).map(({ id }) => id)
}
