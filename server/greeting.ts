import { paths } from './paths.js'
import type { Secret } from './platform/secret.js'

export interface Greeting {
  baseUrl: URL
  port: number
  addresses: readonly string[]
  isInContainer: boolean
  /** While nobody has set the panel up. */
  setupToken: Secret | null
}

/** What the terminal says once the panel answers: where it is, and what to do next. The only place that prints the token. */
export function greeting({ baseUrl, port, addresses, isInContainer, setupToken }: Greeting): string {
  const url = baseUrl.href.replace(/\/$/, '')
  const lines = ['Hostler is running.', '', `  Open        ${url}`]
  // Those of a container are no way to it.
  if (isLoopback(baseUrl) && !isInContainer)
    for (const address of addresses) {
      const other = `http://${address}:${port}`
      lines.push(`  From afar   ${other}  (after a start with HOSTLER_URL=${other})`)
    }

  if (setupToken) {
    lines.push('', `  Set it up   ${url}${paths.setup(setupToken.reveal())}`)
    lines.push('              Whoever opens this link first becomes the operator: keep it to yourself.')
    const server = isInContainer ? 'a server over SSH' : 'a server (this machine will do)'
    lines.push('', `Next: create your account there, add ${server}, deploy a site.`)
  }
  return box(isInContainer ? lines : [...lines, '', 'Ctrl-C stops it.'])
}

const isLoopback = ({ hostname }: URL): boolean => ['localhost', '127.0.0.1', '[::1]'].includes(hostname)

function box(lines: readonly string[]): string {
  const rule = '─'.repeat(Math.min(Math.max(...lines.map((line) => line.length)), 100))
  return ['', rule, ...lines, rule, ''].join('\n')
}
