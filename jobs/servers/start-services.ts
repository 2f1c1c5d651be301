import { setTimeout as pause } from 'node:timers/promises'
import type { NodeVersions } from '../../server/deploys/node-versions/node-versions.js'
import type { Edge } from '../../server/domains/edges/edge.js'
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
  throw conflict(`Docker on ${host.name} does not answer`, 'Look at its log there ("journalctl -u docker").')
}

const dockerAnswers = async (host: Host, signal: AbortSignal): Promise<boolean> =>
  (await host.status(asksDocker(), { timeoutMs, signal })) === 0

export interface EdgeNeeds {
  edge: Edge
  nodeVersions: NodeVersions
  facts: Facts
  signal: AbortSignal
}

/** What faces visitors, and what brings its sites back after a restart. Says whether anything was missing to face them. */
export async function ensureEdge(host: Host, needs: EdgeNeeds): Promise<boolean> {
  const isStarted = await startEdge(host, needs)
  await needs.edge.prepare(host)
  return isStarted
}

async function startEdge(host: Host, { edge, nodeVersions, facts, signal }: EdgeNeeds): Promise<boolean> {
  if ((await edge.check(host)).ok) return false
  // The relay needs a Node and is started with the first site. Caddy outside of systemd is for its owner to start.
  if (edge.name === 'direct') await nodeVersions.ensure(host, await nodeVersions.choose(host, null))
  else if (facts.hasSystemd) await host.run(startWith.systemd('caddy'), { timeoutMs, signal })

  const after = await edge.check(host)
  if (!after.ok) throw conflict(after.why, after.fix)
  return true
}
