import { isDevelopmentServer } from './generators.js'
import { packageCommands } from './package-commands.js'
import { dependsOn, type PackageJson, readPackageJson, repositoryNodeWish } from './package-json.js'
import type { Files, Stack } from './stack.js'

/** What starts without a start script, once it is built. */
const frameworks: readonly (readonly [packageName: string, title: string, start: string])[] = [
  ['next', 'Next.js', 'next start'],
  ['nuxt', 'Nuxt', 'node .output/server/index.mjs'],
  ['@sveltejs/adapter-node', 'SvelteKit', 'node build'],
  ['@astrojs/node', 'Astro on Node', 'node dist/server/entry.mjs'],
  ['@remix-run/serve', 'Remix', 'remix-serve build/server/index.js'],
  ['@react-router/serve', 'React Router', 'react-router-serve build/server/index.js'],
  ['@nestjs/core', 'Nest', 'node dist/main'],
]

const servers = ['express', 'fastify', 'koa', '@hapi/hapi', 'hono', 'polka', 'restify']
const entries = ['server.js', 'app.js', 'index.js', 'main.js', 'server.mjs', 'index.mjs']

/** A program that listens, run by Node. */
export const nodeStack: Stack = {
  name: 'node',
  title: 'Node.js',
  runtimes: ['docker', 'process'],

  async detect(files) {
    const manifest = await readPackageJson(files)
    if (!manifest) return null
    const started = await howItStarts(files, manifest)
    if (!started) return null

    const commands = await packageCommands(files, manifest)
    return {
      stack: 'node',
      why: started.why,
      buildCommand: [commands.install, ...(manifest.scripts.build ? [commands.run('build')] : [])].join(' && '),
      startCommand: started.script ? commands.start : started.command,
      staticFolder: null,
      nodeWish: await repositoryNodeWish(files, manifest),
      packageManager: commands.name,
    }
  },
}

interface Started {
  readonly why: string
  readonly script: boolean
  readonly command: string | null
}

async function howItStarts(files: Files, manifest: PackageJson): Promise<Started | null> {
  const script = manifest.scripts.start
  if (script && !isDevelopmentServer(script))
    return { why: 'package.json has a start script', script: true, command: null }

  const framework = frameworks.find(([name]) => dependsOn(manifest, name))
  if (framework && !(await isExported(files, framework[0]))) {
    return { why: `package.json names ${framework[1]}`, script: false, command: framework[2] }
  }

  const server = servers.find((name) => Object.hasOwn(manifest.dependencies, name))
  if (!server) return null
  const names = await files.list('')
  const entry = [manifest.main?.replace(/^\.\//, ''), ...entries].find((name) => name && names.includes(name))
  if (!entry || !/^[\w.-]+$/.test(entry)) return null
  return { why: `package.json names ${server}, and there is a ${entry}`, script: false, command: `node ${entry}` }
}

/** Next can also write plain pages, and then has no server. */
async function isExported(files: Files, framework: string): Promise<boolean> {
  if (framework !== 'next') return false
  for (const name of ['next.config.js', 'next.config.mjs', 'next.config.ts']) {
    if (/output:\s*['"]export['"]/.test((await files.read(name)) ?? '')) return true
  }
  return false
}
