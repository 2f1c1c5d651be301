import { generatorOf } from './generators.js'
import { packageCommands } from './package-commands.js'
import { dependsOn, readPackageJson, repositoryNodeWish } from './package-json.js'
import type { Detection, Files, Stack } from './stack.js'

/** Plain files, built or as they are, served by the static server that Hostler brings. */
export const staticStack: Stack = {
  name: 'static',
  title: 'Static pages',
  runtimes: ['docker', 'process'],

  async detect(files) {
    return (await built(files)) ?? (await asTheyAre(files))
  },
}

async function built(files: Files): Promise<Detection | null> {
  const manifest = await readPackageJson(files)
  if (!manifest?.scripts.build) return null
  const generator = dependsOn(manifest, 'next') ? { title: 'Next.js, exported', folder: 'out' } : generatorOf(manifest)
  const commands = await packageCommands(files, manifest)
  return {
    stack: 'static',
    why: generator ? `package.json names ${generator.title}` : 'package.json has a build script and nothing to start',
    buildCommand: `${commands.install} && ${commands.run('build')}`,
    startCommand: null,
    staticFolder: generator?.folder ?? 'dist',
    nodeWish: await repositoryNodeWish(files, manifest),
    packageManager: commands.name,
  }
}

async function asTheyAre(files: Files): Promise<Detection | null> {
  for (const folder of ['', 'public', 'dist', 'build', 'out', '_site', 'docs', 'site']) {
    if (!(await files.list(folder)).includes('index.html')) continue
    return {
      stack: 'static',
      why: folder === '' ? 'There is an index.html' : `There is an index.html in ${folder}`,
      buildCommand: null,
      startCommand: null,
      staticFolder: folder,
      nodeWish: null,
      packageManager: null,
    }
  }
  return null
}
