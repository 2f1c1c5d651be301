import { setTimeout as pause } from 'node:timers/promises'
import { caddyEdge } from '../../server/domains/edges/caddy/caddy-edge.js'
import { directEdge } from '../../server/domains/edges/direct/direct-edge.js'
import { conflict } from '../../server/platform/errors.js'
import type { Host } from '../../server/platform/ssh/host.js'
import { asksDocker, startWith } from '../../server/servers/commands.js'
import type { Facts } from '../../server/servers/facts.js'

const timeoutMs = 60_000

/** Docker, where sites run in it. Says whether it had to be started. */
export async function ensureDocker(host: Host, { hasSystemd }: Facts, signal: AbortSignal): Promise<boolean> {
  if (await dockerAnswers(host, signal)) return false
  await host.run(hasSystemd ? startWith.systemd('docker') : startWith.initScript('docker'), { timeoutMs, signal })
  for (let tries = 0; tries < 30; tries++) {
    if (await dockerAnswers(host, signal)) return true
    await pause(1000, undefined, { signal })
  }
  throw conflict(
    `Docker on ${host.name} was started but does not answer`,
    'Look at its log there ("journalctl -u docker").',
  )
}

const dockerAnswers = async (host: Host, signal: AbortSignal): Promise<boolean> =>
  (await host.status(asksDocker(), { timeoutMs, signal })) === 0

/** What faces visitors. Says whether it had to be started. */
export async function ensureEdge(
  host: Host,
  edge: 'caddy' | 'direct',
  facts: Facts,
  signal: AbortSignal,
): Promise<boolean> {
  const check = () => (edge === 'caddy' ? caddyEdge() : directEdge).check(host)
  const before = await check()
  if (before.ok) return false
  // The relay is started with the first site; Caddy has no init script outside of systemd.
  if (edge === 'caddy' && facts.hasSystemd) await host.run(startWith.systemd('caddy'), { timeoutMs, signal })
  const after = await check()
  if (!after.ok) throw conflict(after.why, after.fix)
  return true
}
