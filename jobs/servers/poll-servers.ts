import { bringSitesBack } from '../../server/deploys/bring-back.js'
import { relayId } from '../../server/domains/edges/direct/relay-process.js'
import { handleJob } from '../../server/platform/queue/worker.js'
import type { Services } from '../../server/platform/services.js'
import { explain } from '../../server/platform/ssh/explain.js'
import { readHealth } from '../../server/servers/commands.js'
import { type Health, parseHealth } from '../../server/servers/facts.js'
import { listPollable, recordMiss, recordSightings, recordStart, type Sighting } from '../../server/servers/health.js'
import { pollServers } from '../../server/servers/jobs.js'

/** Each takes a second for its two looks at the processor; 600 servers are asked in 20 seconds. */
const atOnce = 30
const answerMs = 10_000
/** Readings are written by the dozen: one statement each would cost more than the asking. */
const batch = 50

type Server = Awaited<ReturnType<typeof listPollable>>[number]

export const pollServersHandler = handleJob(pollServers, async (_payload, { services, signal }) => {
  const waiting = await listPollable(services)
  let seen: Sighting[] = []
  const write = async () => {
    const sightings = seen
    seen = []
    const anew = await recordSightings(services, sightings)
    for (const server of anew) {
      await bringSitesBack(services, server)
      await recordStart(services, server)
    }
  }

  const askNext = async (): Promise<void> => {
    for (let server = waiting.shift(); server && !signal.aborted; server = waiting.shift()) {
      const answer = await ask(services, server, signal)
      // What was cut off by the end of the job says nothing about the server.
      if (signal.aborted) return
      if ('health' in answer) seen.push({ server, health: answer.health })
      else await recordMiss(services, server, answer.why)
      if (seen.length >= batch) await write()
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, waiting.length) }, askNext))
  await write()
})

async function ask(
  services: Services,
  server: Server,
  signal: AbortSignal,
): Promise<{ health: Health } | { why: string }> {
  const inTime = AbortSignal.timeout(answerMs)
  try {
    const host = await services.hosts.get(server.id)
    const answer = await host.capture(readHealth(server.root, relayId(server.root)), {
      timeoutMs: answerMs,
      maxBytes: 16 * 1024,
      signal: AbortSignal.any([signal, inTime]),
    })
    const health = parseHealth(answer)
    return health ? { health } : { why: `${server.name} did not say how it is` }
  } catch (error) {
    if (inTime.aborted) return { why: `${server.name} did not answer within ${answerMs / 1000} s` }
    const { message, hint } = explain(error)
    return { why: `${message}. ${hint}` }
  }
}
