import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Where `views/`, `public/` and `node_modules/` are: the same from the sources and from `dist/`. */
export const projectFolder: string = findUp(import.meta.dirname)

function findUp(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder
  const parent = dirname(folder)
  if (parent === folder) throw new Error('Hostler was started outside of its own folder: no package.json was found')
  return findUp(parent)
}
