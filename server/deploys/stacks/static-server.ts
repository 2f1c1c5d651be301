import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { Host } from '../../platform/ssh/host.js'
import { ensureFiles, type FileSet } from '../host-files.js'

const Package = z.object({ dependencies: z.record(z.string(), z.string()).default({}) })

/** Puts the static server on a machine; `<folder>/serve.mjs` is what to start. */
export const ensureStaticServer = (host: Host): Promise<string> =>
  ensureFiles(host, 'static-server', staticServerFiles())

let known: FileSet | undefined

/** Our own file and every package that it needs, as this panel has them installed. */
export function staticServerFiles(): FileSet {
  if (known) return known
  const files = new Map<string, Buffer>()
  const own = fileURLToPath(new URL('./static-server/serve.mjs', import.meta.url))
  files.set('serve.mjs', readFileSync(own))
  addPackage(files, 'send', own)
  known = files
  return files
}

function addPackage(files: Map<string, Buffer>, name: string, from: string): void {
  if (files.has(`node_modules/${name}/package.json`)) return
  const folder = folderOf(name, from)
  const manifest = path.join(folder, 'package.json')
  for (const [file, content] of contentsOf(folder)) files.set(`node_modules/${name}/${file}`, content)
  for (const needed of Object.keys(Package.parse(JSON.parse(readFileSync(manifest, 'utf8'))).dependencies)) {
    addPackage(files, needed, manifest)
  }
}

/** A package may hide its package.json from `require`, so we look where `require` would. */
function folderOf(name: string, from: string): string {
  const places = createRequire(from).resolve.paths(name) ?? []
  const folder = places.map((place) => path.join(place, name)).find((candidate) => isPackage(candidate))
  if (!folder) throw new Error(`The package ${name} is not installed`)
  return folder
}

function isPackage(folder: string): boolean {
  try {
    return readdirSync(folder).includes('package.json')
  } catch {
    return false
  }
}

/** Code and data only: no documentation, types or tests, and not another package's own copies. */
function contentsOf(folder: string): [string, Buffer][] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:c?js|json)$/.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => !/(?:^|\/)(?:node_modules|test|tests)\//.test(path.relative(folder, file)))
    .map((file) => [path.relative(folder, file), readFileSync(file)])
}
