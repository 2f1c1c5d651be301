import { type FSWatcher, watch } from 'node:fs'
import { mkdir, readdir, readFile } from 'node:fs/promises'

export interface RelaySite {
  siteId: string
  port: number
  folder: string
}

type Follow = (sites: ReadonlyMap<string, RelaySite>) => Promise<unknown>

/** Where watching does not work (limits, network disks) this is how late a new site is seen. */
const lookEveryMs = 1_000

/**
 * Calls `follow` with all sites now and on every change, one call at a time. What it returns ends the watching; `first` is done
 * when the first call is.
 */
export function watchSites(folder: string, follow: Follow): (() => void) & { first: Promise<void> } {
  let watcher: FSWatcher | null = null
  let hasStopped = false
  let turn = Promise.resolve()

  const look = () => {
    turn = turn.then(async () => {
      if (!hasStopped) await follow(await readSites(folder))
    })
    return turn
  }
  const lookAgain = () => {
    look().catch((error: unknown) => {
      console.error(error)
      process.exit(1)
    })
  }

  const start = async () => {
    await mkdir(folder, { recursive: true })
    try {
      watcher = watch(folder, { persistent: false }, lookAgain)
      watcher.on('error', () => watcher?.close())
    } catch {
      // The timer alone must do.
    }
    await look()
  }
  const timer = setInterval(lookAgain, lookEveryMs)
  const stop = () => {
    hasStopped = true
    clearInterval(timer)
    watcher?.close()
  }
  return Object.assign(stop, { first: start() })
}

/** A file that is no site (half written by hand, gone meanwhile) is left out; the others go on. */
async function readSites(folder: string): Promise<Map<string, RelaySite>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'))
  const sites = await Promise.all(names.map((name) => readSite(`${folder}/${name}`)))
  return new Map(sites.flatMap((site) => (site === null ? [] : [[site.siteId, site]])))
}

async function readSite(file: string): Promise<RelaySite | null> {
  try {
    const { siteId, port, folder } = JSON.parse(await readFile(file, 'utf8')) as Partial<RelaySite>
    const isSite = typeof siteId === 'string' && typeof port === 'number' && typeof folder === 'string'
    return isSite ? { siteId, port, folder } : null
  } catch {
    return null
  }
}
