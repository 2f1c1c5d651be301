import { gather } from '../../../platform/gather.js'
import type { Host } from '../../../platform/ssh/host.js'
import { type AdminDoor, type Change, type Outcome, writeChanges } from './admin.js'

/**
 * A change of Caddy's configuration takes three seconds, and only one at a time can be written. So what is asked for while one is under
 * way becomes one write together: fifty sites that get a name at once are two writes, not fifty that get in each other's way.
 */
const limits = { most: 200, mostWeight: 200, weigh: () => 1 }

/** Changes the configuration, and not at all when `change` gives back the same. Says whether something was written for it. */
export async function changeConfig(host: Host, door: AdminDoor, change: Change): Promise<boolean> {
  const write = await host.learned.once(`changes by ${whereOf(door)}`, async (machine) =>
    gather<Change, Outcome>((changes) => writeChanges(machine, door, changes), limits),
  )
  const outcome = await write(change)
  if ('error' in outcome) throw outcome.error
  return outcome.isChanged
}

/** What is saved is all there is, so whoever asks at the same time asks for the same. */
export async function savedTogether(
  host: Host,
  door: AdminDoor,
  save: (machine: Host) => Promise<void>,
): Promise<void> {
  const saveOnce = await host.learned.once(`saving by ${whereOf(door)}`, async (machine) =>
    gather<null, null>(async (asked) => {
      await save(machine)
      return asked
    }, limits),
  )
  await saveOnce(null)
}

const whereOf = (door: AdminDoor): string => ('port' in door ? `port ${door.port}` : door.socket)
