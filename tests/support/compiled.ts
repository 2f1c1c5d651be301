import { symlinkSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { build } from 'esbuild'
import { bundleRelay } from '../../server/domains/edges/direct/bundle.js'
import { prepareVendorFiles } from '../../server/platform/http/vendor-files.js'

const root = path.resolve(import.meta.dirname, '../..')

/**
 * The product as `npm run build` makes it, but for the check of its types, in a folder of this run. A process of its own
 * starts from there with a third of the work that it takes from the sources.
 */
export async function compileProduct(folder: string): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: ['server/**/*', 'jobs/**/*', 'migrations/*', 'tests/support/fetch-mirror.ts'],
    outbase: root,
    outdir: folder,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    loader: { '.sh': 'copy', '.mjs': 'copy' },
    logLevel: 'error',
  })
  // The same bytes as those of the test's own process: another version would take over from its relay.
  await writeFile(path.join(folder, 'server/domains/edges/direct/relay.cjs'), await bundleRelay())
  prepareVendorFiles()
  for (const name of ['node_modules', 'package.json', 'views', 'public'])
    symlinkSync(path.join(root, name), path.join(folder, name))
  process.env.HOSTLER_TEST_COMPILED = folder
}

/** What `node` is to be given for a source file of ours. */
export function compiled(source: string): string {
  const folder = process.env.HOSTLER_TEST_COMPILED
  if (!folder) throw new Error('HOSTLER_TEST_COMPILED is set by tests/support/global-setup.ts')
  return path.join(folder, source.replace(/\.ts$/, '.js'))
}
