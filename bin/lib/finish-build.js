/** What the compiler leaves out: scripts that are uploaded to servers, the relay in one file, and what browsers need. */
import { cpSync, existsSync, statSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './run.js'

for (const folder of ['server', 'jobs'].filter((name) => existsSync(join(root, name)))) {
  const isNoSource = (/** @type {string} */ path) => statSync(path).isDirectory() || !path.endsWith('.ts')
  cpSync(join(root, folder), join(root, 'dist', folder), { recursive: true, filter: isNoSource })
}

const compiled = (/** @type {string[]} */ ...path) => import(pathToFileURL(join(root, 'dist', 'server', ...path)).href)
const { builtFile, bundleRelay } = await compiled('domains', 'edges', 'direct', 'bundle.js')
await writeFile(builtFile, await bundleRelay())
const { prepareVendorFiles } = await compiled('platform', 'http', 'vendor-files.js')
prepareVendorFiles()
