import { z } from 'zod'
import { UserError } from '../../../platform/errors.js'
import { Secret } from '../../../platform/secret.js'
import type { Ask, DnsProvider, TxtRecord } from './provider.js'

const Listed = z.object({ result: z.array(z.object({ id: z.string(), content: z.string().optional() })) })

/** https://developers.cloudflare.com/api/resources/dns */
export const cloudflare: DnsProvider = {
  label: 'Cloudflare',
  token: 'An API token with “Zone: Read” and “DNS: Edit” for this zone alone',
  base: 'https://api.cloudflare.com/client/v4',
  headers: (token) => ({ authorization: new Secret(`Bearer ${token.reveal()}`) }),
  present: async (ask, record) => {
    const zone = await zoneOf(ask, record.name)
    if ((await idsOf(ask, zone, record)).length > 0) return
    const { name, value } = record
    await ask('POST', `/zones/${zone}/dns_records`, { type: 'TXT', name, content: `"${value}"`, ttl: 60 })
  },
  remove: async (ask, record) => {
    const zone = await zoneOf(ask, record.name)
    for (const id of await idsOf(ask, zone, record)) await ask('DELETE', `/zones/${zone}/dns_records/${id}`)
  },
}

/** The longest of the names above it that is a zone there. */
async function zoneOf(ask: Ask, name: string): Promise<string> {
  const labels = name.split('.')
  for (let first = 1; first < labels.length - 1; first++) {
    const asked = new URLSearchParams({ name: labels.slice(first).join('.') })
    const [zone] = Listed.parse(await ask('GET', `/zones?${asked}`)).result
    if (zone) return encodeURIComponent(zone.id)
  }
  throw new UserError(422, `Cloudflare shows the token no zone of ${name}`, 'Make one for the zone of this domain.')
}

async function idsOf(ask: Ask, zone: string, { name, value }: TxtRecord): Promise<string[]> {
  const asked = new URLSearchParams({ type: 'TXT', name, per_page: '100' })
  const { result } = Listed.parse(await ask('GET', `/zones/${zone}/dns_records?${asked}`))
  return result.filter(({ content }) => content?.replaceAll('"', '') === value).map(({ id }) => encodeURIComponent(id))
}
