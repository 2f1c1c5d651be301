/** What the compiler leaves out of dist/: scripts that are uploaded to servers, and the relay in one file. */
import { cpSync, existsSync, statSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './run.js'

for (const folder of ['server', 'jobs'].filter((name) => existsSync(join(root, name)))) {
  const isNoSource = (/** @type {string} */ path) => statSync(path).isDirectory() || !path.endsWith('.ts')
  cpSync(join(root, folder), join(root, 'dist', folder), { recursive: true, filter: isNoSource })
}

const relay = pathToFileURL(join(root, 'dist', 'server', 'domains', 'edges', 'direct', 'bundle.js'))
const { builtFile, bundleRelay } = await import(relay.href)
await writeFile(builtFile, await bundleRelay())
