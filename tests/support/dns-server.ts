import dgram from 'node:dgram'
import type { AddressInfo } from 'node:net'
import dns2 from 'dns2'

const { Packet } = dns2
type Message = InstanceType<typeof Packet>

/** What is answered for a name: records by type, or a failure. */
export type Zone = Record<string, Entry>

export type Entry = 'SERVFAIL' | 'REFUSED' | 'SILENCE' | { [Type in RecordType]?: readonly string[] }

type RecordType = 'A' | 'AAAA' | 'CNAME' | 'TXT' | 'CAA' | 'NS' | 'SOA'

export interface DnsServer {
  /** For `HOSTLER_RESOLVERS`. */
  address: string
  port: number
  /** May be changed while it runs. */
  zone: Zone
  stop(): Promise<void>
}

/**
 * A small DNS server with the packets of dns2: names that are not in its zone do not exist. The socket is our own, as dns2 copies no
 * response code for an answer without records.
 */
export async function startDnsServer(zone: Zone = {}, at: Place = {}): Promise<DnsServer> {
  const server: DnsServer = { address: '', port: 0, zone, stop: async () => undefined }
  return Object.assign(server, await listen((request) => answerTo(request, server.zone), at))
}

interface Place {
  address?: string
  port?: number
}

/**
 * A resolver in front of it, which remembers what was not there for as long as the SOA of the zone says, as resolvers do
 * (https://www.rfc-editor.org/rfc/rfc2308).
 */
export async function startResolver(authority: DnsServer): Promise<Pick<DnsServer, 'address' | 'stop'>> {
  const absent = new Map<string, { until: number; rcode: number }>()
  return listen((request) => {
    const { name, type } = asked(request)
    const known = [absent.get(name), absent.get(`${name} ${type}`)].find((one) => one && one.until > Date.now())
    const answer = known ? emptyAnswer(request, known.rcode) : answerTo(request, authority.zone)
    const forMs = answer && (negativeSeconds(answer) ?? 0) * 1000
    if (!known && forMs) {
      const key = answer.header.rcode === codes.NXDOMAIN ? name : `${name} ${type}`
      absent.set(key, { until: Date.now() + forMs, rcode: answer.header.rcode })
    }
    return answer
  })
}

async function listen(
  answer: (request: Message) => Message | null,
  { address = '127.0.0.1', port: wanted = 0 }: Place = {},
): Promise<Omit<DnsServer, 'zone'>> {
  const socket = dgram.createSocket('udp4')
  socket.on('message', (message, peer) => {
    const response = answer(Packet.parse(message))
    if (response) socket.send(response.toBuffer(), peer.port, peer.address)
  })
  await new Promise<void>((resolve) => socket.bind(wanted, address, () => resolve()))
  const { port } = socket.address() as AddressInfo
  return { port, address: `${address}:${port}`, stop: () => new Promise((resolve) => socket.close(() => resolve())) }
}

const codes = { NOERROR: 0, SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 } as const

function asked({ questions: [question] }: Message): { name: string; type: number } {
  return { name: question?.name.toLowerCase() ?? '', type: question?.type ?? 0 }
}

function emptyAnswer(request: Message, rcode: number): Message {
  const response = Packet.createResponseFromRequest(request)
  response.header.ra = 1
  response.header.rcode = rcode
  return response
}

function answerTo(request: Message, zone: Zone): Message | null {
  const { name, type } = asked(request)
  const entry = zone[name] ?? zone[`*.${name.slice(name.indexOf('.') + 1)}`]
  if (entry === 'SILENCE') return null
  const response = emptyAnswer(request, typeof entry === 'string' ? codes[entry] : codes.NOERROR)
  if (entry === undefined) response.header.rcode = codes.NXDOMAIN
  else if (typeof entry !== 'string') response.answers.push(...answersIn(entry, name, type))
  if (typeof entry !== 'string' && response.answers.length === 0) response.authorities.push(...authorityOf(name, zone))
  return response
}

/** The SOA of the zone says for how long it may be remembered that something is not there. */
function authorityOf(name: string, zone: Zone) {
  const labels = name.split('.')
  const above = labels.map((_, first) => labels.slice(first).join('.'))
  const apex = above.find((one) => typeof zone[one] === 'object' && zone[one].SOA !== undefined)
  const entry = apex === undefined ? undefined : zone[apex]
  return typeof entry === 'object' && apex !== undefined ? answersIn(entry, apex, Packet.TYPE.SOA) : []
}

const negativeSeconds = ({ authorities: [soa] }: Message): number | undefined =>
  (soa as { minimum?: number } | undefined)?.minimum // `as`: a resource of dns2 has other fields for each type

function answersIn(entry: Exclude<Entry, string>, name: string, type: number) {
  const word = Object.entries(Packet.TYPE).find(([, number]) => number === type)?.[0] as RecordType | undefined
  const values = (word && entry[word]) ?? []
  // `as`: as above.
  return values.map((value) => ({ name, type, class: Packet.CLASS.IN, ttl: 1, ...fields(word, value) }) as never)
}

function fields(type: RecordType | undefined, value: string): object {
  switch (type) {
    case 'TXT':
      return { data: value }
    case 'CNAME':
      return { domain: value }
    case 'NS':
      return { ns: value }
    case 'CAA': {
      const [flags = '0', tag = '', ...rest] = value.split(' ')
      return { flags: Number(flags), tag, value: rest.join(' ') }
    }
    case 'SOA': {
      const [primary = '', admin = '', ...numbers] = value.split(' ')
      const [serial, refresh, retry, expiration, minimum] = numbers.map(Number)
      return { primary, admin, serial, refresh, retry, expiration, minimum }
    }
    default:
      return { address: value }
  }
}
