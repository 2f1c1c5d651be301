import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { UserError } from '../../platform/errors.js'
import type { Host } from '../../platform/ssh/host.js'
import { listVersions } from './commands.js'

const Kept = z.object({ at: z.number(), versions: z.array(z.string()) })
const Versions = z.array(z.string())

const freshForMs = 12 * 60 * 60 * 1000

/**
 * Which versions of a package the registry offers, asked through the npm of the panel's own machine, which knows the
 * registry. Kept on disk; an old list is better than none when the registry is out of reach.
 */
export class Catalogue {
  readonly #panel: Host
  readonly #folder: string
  readonly #now: () => Date

  constructor(panel: Host, folder: string, now: () => Date) {
    this.#panel = panel
    this.#folder = folder
    this.#now = now
  }

  async versionsOf(packageName: string): Promise<readonly string[]> {
    const kept = await this.#read(packageName)
    if (kept && this.#now().getTime() - kept.at < freshForMs) return kept.versions
    try {
      const versions = await this.#ask(packageName)
      await this.#keep(packageName, versions)
      return versions
    } catch (error) {
      if (kept) return kept.versions
      throw new UserError(
        502,
        'The list of Node versions could not be fetched',
        "Check that the panel's own machine reaches its npm registry (npm ping), then deploy again.",
        { cause: error },
      )
    }
  }

  async #ask(packageName: string): Promise<string[]> {
    return Versions.parse(JSON.parse(await this.#panel.capture(listVersions(packageName), { timeoutMs: 60_000 })))
  }

  async #read(packageName: string): Promise<z.infer<typeof Kept> | null> {
    try {
      return Kept.parse(JSON.parse(await readFile(this.#file(packageName), 'utf8')))
    } catch {
      // Missing, or cut short by a full disk: ask again.
      return null
    }
  }

  async #keep(packageName: string, versions: readonly string[]): Promise<void> {
    await mkdir(this.#folder, { recursive: true })
    const partial = `${this.#file(packageName)}.${process.pid}`
    await writeFile(partial, JSON.stringify({ at: this.#now().getTime(), versions }))
    await rename(partial, this.#file(packageName))
  }

  #file(packageName: string): string {
    return join(this.#folder, `${packageName}.versions.json`)
  }
}
