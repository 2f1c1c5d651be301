import type { SourceTree } from '../../git/tree.js'
import { type NodeWish, nodeWish } from './wish.js'

/** Which Node the files of a commit ask for. The root folder's files come first, then the repository's. */
export async function readNodeWish(
  tree: SourceTree,
  rootFolder: string,
  setting: string | null,
): Promise<NodeWish | null> {
  const folders = [...new Set([rootFolder, ''])]
  const files = await tree.readAll(folders.flatMap((folder) => names.map((name) => within(folder, name))))
  for (const folder of folders) {
    const [nvmrc = null, nodeVersionFile = null, packageJson = null] = names.map((name) =>
      files.get(within(folder, name)),
    )
    const wish = nodeWish({ setting, nvmrc, nodeVersionFile, engines: enginesOf(packageJson) })
    if (wish) return wish
  }
  return null
}

const names = ['.nvmrc', '.node-version', 'package.json'] as const

const within = (folder: string, name: string): string => (folder === '' ? name : `${folder}/${name}`)

/** A package.json that cannot be read asks for nothing; the build will say what is wrong with it. */
function enginesOf(text: string | null): string | null {
  try {
    const { engines } = JSON.parse(text ?? '{}') as { engines?: { node?: unknown } }
    return typeof engines?.node === 'string' ? engines.node : null
  } catch {
    return null
  }
}
