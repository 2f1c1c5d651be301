import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { DnsServer } from './dns-server.js'

/** Sets records of a DNS server, as a program of one's own does that Hostler asks (`httpreq`). */
export interface DnsProgram {
  readonly url: string
  /** What it takes as a token. */
  readonly login: string
  /** What it was asked, in order. */
  readonly asked: string[]
  /** It answers 500 while it is not. */
  isWilling: boolean
  /** It says that it did, and does not. */
  forgets: (name: string) => boolean
  /** So long after its answer the name servers show it. */
  delayMs: number
  /** Done before it answers. */
  meanwhile: () => Promise<unknown>
  close(): void
}

export async function startDnsProgram(dns: DnsServer): Promise<DnsProgram> {
  const login = 'dns:dns-token-canary'
  const asked: string[] = []
  const server = createServer(async (req, res) => {
    let text = ''
    for await (const chunk of req.setEncoding('utf8')) text += chunk
    if (req.headers.authorization !== `Basic ${Buffer.from(login).toString('base64')}`) return res.writeHead(401).end()
    if (!program.isWilling) return res.writeHead(500).end('canary of the program')
    const { fqdn, value } = JSON.parse(text)
    asked.push(`${req.url} ${fqdn}`)
    await program.meanwhile()
    const name = fqdn.replace(/\.$/, '')
    if (program.forgets(name)) return res.end()
    if (program.delayMs > 0) setTimeout(change, program.delayMs)
    else change()
    res.end()

    function change() {
      const before = (dns.zone[name] as { TXT?: string[] } | undefined)?.TXT ?? []
      const others = before.filter((one) => one !== value)
      dns.zone[name] = { TXT: req.url === '/present' ? [...others, value] : others }
    }
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const program: DnsProgram = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ login, asked, isWilling: true, forgets: () => false, delayMs: 0, meanwhile: async () => undefined },
    close: () => void server.close(),
  }
  return program
}
