import type { Host } from '../../server/platform/ssh/host.js'
import { type CheckItem, machineItems, programItems, signInItems } from '../../server/servers/checklist.js'
import { lookAround } from '../../server/servers/commands.js'
import { type Facts, parseFacts } from '../../server/servers/facts.js'
import type { ServerRow } from '../../server/servers/servers.js'
import { edgeVerdict } from './edge-verdict.js'

/** A hostile machine may print without end; what a machine says about itself is short. */
const factsBytes = 64 * 1024

export async function readFacts(host: Host, signal: AbortSignal): Promise<Facts> {
  return parseFacts(await host.capture(lookAround(host.root), { timeoutMs: 60_000, maxBytes: factsBytes, signal }))
}

/** The whole checklist of a machine that can be reached. */
export async function wholeChecklist(host: Host, server: ServerRow, facts: Facts): Promise<CheckItem[]> {
  return [
    ...signInItems(server, server.host_key_fingerprint, null),
    ...machineItems(facts),
    ...programItems(server, facts, await edgeVerdict(host, server.edge ?? 'direct', facts)),
  ]
}
