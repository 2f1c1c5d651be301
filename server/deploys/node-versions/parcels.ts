import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { UserError } from '../../platform/errors.js'
import type { Host } from '../../platform/ssh/host.js'
import { downloadPackage, type Parcel } from './commands.js'

/**
 * One package at one exact version as a file on the panel's machine, downloaded once. The hash beside it is written
 * last, so a file without one is the rest of a lost download, and a file that no longer fits its hash is fetched anew.
 */
export async function ensureParcel(panel: Host, folder: string, packageName: string, version: string): Promise<Parcel> {
  const file = join(folder, `${packageName}-${version}.tgz`)
  const hashFile = `${file}.sha256`
  const known = await readFile(hashFile, 'utf8').catch(() => null)
  if (known && (await sha256Of(file).catch(() => null)) === known) return { file, sha256: known }

  await mkdir(folder, { recursive: true })
  const partial = await mkdtemp(join(folder, '.partial-'))
  try {
    await download(panel, partial, packageName, version)
    const [name] = await readdir(partial)
    if (!name) throw new Error('npm pack left no file')
    const sha256 = await sha256Of(join(partial, name))
    await rename(join(partial, name), file)
    await writeFile(hashFile, sha256)
    return { file, sha256 }
  } finally {
    await rm(partial, { recursive: true, force: true })
  }
}

async function download(panel: Host, folder: string, packageName: string, version: string): Promise<void> {
  try {
    await panel.run(downloadPackage(packageName, version, folder), { timeoutMs: 10 * 60_000 })
  } catch (error) {
    throw new UserError(
      502,
      `${packageName} ${version} could not be downloaded`,
      "Check that the panel's own machine reaches its npm registry and has 500 MB of free disk, then deploy again.",
      { cause: error },
    )
  }
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}
