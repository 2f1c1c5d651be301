import type { SourceTree } from '../../git/tree.js'
import { type NodeWish, nodeWish } from './wish.js'

/** Which Node the files of a commit ask for. The root folder's files come first, then the repository's. */
export async function readNodeWish(
  tree: SourceTree,
  rootFolder: string,
  setting: string | null,
): Promise<NodeWish | null> {
  for (const folder of new Set([rootFolder, ''])) {
    const read = (name: string) => tree.read(folder === '' ? name : `${folder}/${name}`)
    const wish = nodeWish({
      setting,
      nvmrc: await read('.nvmrc'),
      nodeVersionFile: await read('.node-version'),
      engines: enginesOf(await read('package.json')),
    })
    if (wish) return wish
  }
  return null
}

/** A package.json that cannot be read asks for nothing; the build will say what is wrong with it. */
function enginesOf(text: string | null): string | null {
  try {
    const { engines } = JSON.parse(text ?? '{}') as { engines?: { node?: unknown } }
    return typeof engines?.node === 'string' ? engines.node : null
  } catch {
    return null
  }
}
