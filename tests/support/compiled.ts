import { symlinkSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { type BuildOptions, build, type Plugin } from 'esbuild'
import { bundleRelay } from '../../server/domains/edges/direct/bundle.js'
import { prepareVendorFiles } from '../../server/platform/http/vendor-files.js'

const root = path.resolve(import.meta.dirname, '../..')

const common: BuildOptions = {
  absWorkingDir: root,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  logLevel: 'error',
}

/**
 * The product as `npm run build` makes it, but for the check of its types, in a folder of this run. A process of its own
 * starts from there with a third of the work that it takes from the sources.
 */
export async function compileProduct(folder: string): Promise<void> {
  await build({
    ...common,
    entryPoints: ['server/**/*', 'jobs/**/*', 'migrations/*', 'tests/support/fetch-mirror.ts'],
    outbase: root,
    outdir: folder,
    loader: { '.sh': 'copy', '.mjs': 'copy' },
  })
  await Promise.all(startedOften.map((source) => bundle(folder, source)))
  // The same bytes as those of the test's own process: another version would take over from its relay.
  await writeFile(path.join(folder, 'server/domains/edges/direct/relay.cjs'), await bundleRelay())
  prepareVendorFiles()
  for (const name of ['node_modules', 'package.json', 'views', 'public'])
    symlinkSync(path.join(root, name), path.join(folder, name))
  process.env.HOSTLER_TEST_COMPILED = folder
}

/**
 * These once more, as one file each: they are started a hundred times, and a third of the work of a start is to find and
 * read six hundred files of ours. Libraries stay where they are.
 */
const startedOften = ['jobs/worker.ts', 'server/cli/cli.ts'] as const

const bundle = (folder: string, source: string) =>
  build({
    ...common,
    entryPoints: [source],
    outfile: path.join(folder, source.replace(/\.ts$/, '-in-one.js')),
    bundle: true,
    packages: 'external',
    // A module is there for what it does when it is loaded, too.
    treeShaking: false,
    plugins: [placesOfParts(folder)],
  })

/** Each part of the one file still looks for what lies beside it where it would be by itself. */
const placesOfParts = (folder: string): Plugin => ({
  name: 'places-of-parts',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.ts$/ }, async ({ path: source }) => {
      const place = path.join(folder, path.relative(root, source)).replace(/\.ts$/, '.js')
      const contents = (await readFile(source, 'utf8'))
        .replaceAll('import.meta.dirname', JSON.stringify(path.dirname(place)))
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(place).href))
      return { loader: 'ts', contents }
    }),
})

/** What `node` is to be given for a source file of ours. */
export function compiled(source: string): string {
  const folder = process.env.HOSTLER_TEST_COMPILED
  if (!folder) throw new Error('HOSTLER_TEST_COMPILED is set by tests/support/global-setup.ts')
  return path.join(folder, source.replace(/\.ts$/, '.js'))
}

/** The same as one file, which starts sooner. */
export const compiledInOne = (source: (typeof startedOften)[number]): string =>
  compiled(source).replace(/\.js$/, '-in-one.js')
