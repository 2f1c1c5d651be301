import dgram from 'node:dgram'
import type { AddressInfo } from 'node:net'
import dns2 from 'dns2'

const { Packet } = dns2

/** What is answered for a name: records by type, or a failure. */
export type Zone = Record<string, Entry>

export type Entry = 'SERVFAIL' | 'REFUSED' | 'SILENCE' | { [Type in RecordType]?: readonly string[] }

type RecordType = 'A' | 'AAAA' | 'CNAME' | 'TXT' | 'CAA'

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
export async function startDnsServer(zone: Zone = {}): Promise<DnsServer> {
  const socket = dgram.createSocket('udp4')
  const server: DnsServer = {
    address: '',
    port: 0,
    zone,
    stop: () => new Promise((resolve) => socket.close(() => resolve())),
  }
  socket.on('message', (message, peer) => {
    const answer = answerTo(Packet.parse(message), server.zone)
    if (answer) socket.send(answer, peer.port, peer.address)
  })
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', () => resolve()))
  server.port = (socket.address() as AddressInfo).port
  server.address = `127.0.0.1:${server.port}`
  return server
}

const codes = { NOERROR: 0, SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 } as const

function answerTo(request: InstanceType<typeof Packet>, zone: Zone): Buffer | null {
  const [question] = request.questions
  const name = question?.name.toLowerCase() ?? ''
  const entry = zone[name] ?? zone[`*.${name.slice(name.indexOf('.') + 1)}`]
  if (entry === 'SILENCE') return null
  const response = Packet.createResponseFromRequest(request)
  response.header.ra = 1
  if (entry === undefined) response.header.rcode = codes.NXDOMAIN
  else if (typeof entry === 'string') response.header.rcode = codes[entry]
  else for (const answer of answersIn(entry, name, question?.type ?? 0)) response.answers.push(answer)
  return response.toBuffer()
}

function answersIn(entry: Exclude<Entry, string>, name: string, type: number) {
  const asked = Object.entries(Packet.TYPE).find(([, number]) => number === type)?.[0] as RecordType | undefined
  const values = (asked && entry[asked]) ?? []
  // `as`: a resource of dns2 has other fields for each type.
  return values.map((value) => ({ name, type, class: Packet.CLASS.IN, ttl: 1, ...fields(asked, value) }) as never)
}

function fields(type: RecordType | undefined, value: string): object {
  switch (type) {
    case 'TXT':
      return { data: value }
    case 'CNAME':
      return { domain: value }
    case 'CAA': {
      const [flags = '0', tag = '', ...rest] = value.split(' ')
      return { flags: Number(flags), tag, value: rest.join(' ') }
    }
    default:
      return { address: value }
  }
}
