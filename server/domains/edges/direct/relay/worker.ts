import cluster from 'node:cluster'
import { SiteDoor } from './site-door.js'
import { watchSites } from './sites.js'

/** Told to leave, a worker still ends what it began: long downloads and WebSockets get this long. */
const drainMs = 10 * 60_000
const endMs = 20_000

/**
 * Old and new worker listen side by side for longer than the new one needs to look at the folder again: a site that was added
 * while it started is open there too before it closes here. A site that leaves for Caddy has its port there by then.
 */
const besideMs = 2_000

/**
 * Serves every site of the folder, one port each, and follows the folder as sites come and go. `held` are the ports that the holder
 * may have open for the worker before this one, to be shared at the start.
 */
export function serve(folder: string, held: ReadonlySet<number>): void {
  const doors = new Map<string, SiteDoor>()
  const leaving = new Set<Promise<void>>()
  let isReady = false

  const stopWatching = watchSites(`${folder}/sites`, (sites) => {
    for (const [siteId, door] of doors) {
      const site = sites.get(siteId)
      if (site !== undefined && site.port === door.site.port && site.folder === door.site.folder) continue
      doors.delete(siteId)
      const left: Promise<void> = door
        .drain(endMs, { askAfterMs: besideMs })
        .catch(giveUp)
        .finally(() => leaving.delete(left))
      leaving.add(left)
    }
    for (const [siteId, site] of sites) if (!doors.has(siteId)) doors.set(siteId, new SiteDoor(site))
    return Promise.all([...doors.values()].map((door) => door.open(!isReady && held.has(door.site.port))))
  })
  stopWatching.first
    .then(() => {
      isReady = true
      process.send?.('ready')
    })
    .catch(giveUp)

  const leave = (withinMs: number, isLast: boolean) => {
    stopWatching()
    Promise.all([...leaving, ...[...doors.values()].map((door) => door.drain(withinMs, { isLast }))])
      .then(() => cluster.worker?.disconnect())
      .then(() => process.exit(0))
      .catch(giveUp)
  }
  process.on('message', (message) => {
    if (message === 'drain') setTimeout(leave, besideMs, drainMs, false)
    if (message === 'end') leave(endMs, true)
  })
  // The holder decides; a terminal's Ctrl-C reaches both.
  process.on('SIGINT', () => undefined)
  process.on('SIGHUP', () => undefined)
}

function giveUp(error: unknown): never {
  console.error(error)
  process.exit(1)
}
