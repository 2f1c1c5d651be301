import { setTimeout as wait } from 'node:timers/promises'
import { UserError } from '../../platform/errors.js'
import type { Host } from '../../platform/ssh/host.js'
import { NothingListens } from '../../platform/ssh/reach.js'
import { ask } from './ask.js'
import { checkName, type EdgePlace } from './edge.js'

const answerTimeoutMs = 5_000
const freeWithinMs = 15_000

/** What listens on the site's port, asked on the machine itself: our edge that can see the folder, or not. */
export async function probeSite(host: Host, site: EdgePlace): Promise<'ready' | 'blind' | 'silent'> {
  try {
    const question = { method: 'GET', path: '/', name: checkName, timeoutMs: answerTimeoutMs } as const
    const { status } = await ask(host, { port: site.port }, question)
    return status === 204 ? 'ready' : 'blind'
  } catch (error) {
    throwUnlessSilent(error)
    return 'silent'
  }
}

export async function isListening(host: Host, to: { port: number } | { socket: string }): Promise<boolean> {
  try {
    const connection = await host.forward(to)
    connection.destroy()
    return true
  } catch (error) {
    throwUnlessSilent(error)
    return false
  }
}

/** Over SSH a port that is not open is a sentence, too; any other means that the machine is out of reach. */
function throwUnlessSilent(error: unknown): void {
  if (error instanceof UserError && !(error instanceof NothingListens)) throw error
}

/**
 * For Caddy, which must not be given a port that is taken: it refuses the whole configuration, but never lets go of the ports of
 * other sites that it had begun to serve by it (2.6.2). The relay may still be closing it.
 */
export async function untilPortIsFree(host: Host, site: EdgePlace): Promise<void> {
  const until = Date.now() + freeWithinMs
  for (;;) {
    const found = await probeSite(host, site)
    if (found === 'silent') return
    if (found === 'blind' || Date.now() > until) throw portTaken(host, site.port)
    await wait(20)
  }
}

export const portTaken = (host: Host, port: number | string): UserError =>
  new UserError(
    409,
    `Port ${port} on ${host.name} is taken by another program`,
    'Stop that program or give the site another port.',
  )

/** Throws where visitors of the site would not reach it through us. */
export async function assertFacesVisitors(host: Host, site: EdgePlace, program: string): Promise<void> {
  const found = await probeSite(host, site)
  if (found === 'silent')
    throw new UserError(
      503,
      `${program} on ${host.name} does not answer on port ${site.port}`,
      'Try again in a minute.',
    )
  if (found === 'blind')
    throw new UserError(
      503,
      `${program} on ${host.name} cannot read ${site.folder}, or another program answers on port ${site.port}`,
      'Let others enter the folders above it ("chmod o+x"), or give the site another port.',
    )
}
