import { z } from 'zod'
import { type NodeWish, nodeWish } from '../node-versions/wish.js'
import type { Files } from './stack.js'

const Texts = z.record(z.string(), z.string()).catch({})

/** Only what decides; a field that is not what it should be counts as absent, since npm itself is that forgiving. */
const PackageJson = z.object({
  scripts: Texts,
  dependencies: Texts,
  devDependencies: Texts,
  engines: z.object({ node: z.string().optional().catch(undefined) }).catch({}),
  packageManager: z.string().optional().catch(undefined),
  main: z.string().optional().catch(undefined),
})

export type PackageJson = z.infer<typeof PackageJson>

/** Null when there is none, or none that can be read: then the build will say so better than we could. */
export async function readPackageJson(files: Files): Promise<PackageJson | null> {
  const text = await files.read('package.json')
  if (text === null) return null
  try {
    return PackageJson.parse(JSON.parse(text))
  } catch {
    return null
  }
}

export const dependsOn = (manifest: PackageJson, name: string): boolean =>
  Object.hasOwn(manifest.dependencies, name) || Object.hasOwn(manifest.devDependencies, name)

/** The site's own setting comes first, and is added by whoever knows the site (`nodeWish`). */
export async function repositoryNodeWish(files: Files, manifest: PackageJson | null): Promise<NodeWish | null> {
  return nodeWish({
    setting: null,
    nvmrc: await files.read('.nvmrc'),
    nodeVersionFile: await files.read('.node-version'),
    engines: manifest?.engines.node ?? null,
  })
}
