import { describe, expect, test } from 'vitest'
import type { Files } from '../../../server/deploys/stacks/stack.js'
import { detect } from '../../../server/deploys/stacks/stacks.js'

const repository = (files: Record<string, string | object>): Files => ({
  read: async (path) => {
    const content = files[path]
    return content === undefined ? null : typeof content === 'string' ? content : JSON.stringify(content)
  },
  list: async (folder) => {
    const inside = Object.keys(files)
      .filter((path) => folder === '' || path.startsWith(`${folder}/`))
      .map((path) => (folder === '' ? path : path.slice(folder.length + 1)))
    return [...new Set(inside.map((path) => (path.includes('/') ? `${path.split('/')[0]}/` : path)))]
  },
})

const lock = { 'package-lock.json': '{}' }

describe('detect', () => {
  test.each<[string, Record<string, string | object>, object]>([
    [
      'a Dockerfile before all else',
      { Dockerfile: 'FROM x', 'package.json': { scripts: { start: 'node .' } } },
      { stack: 'dockerfile' },
    ],
    [
      'a start script',
      { ...lock, 'package.json': { scripts: { start: 'node server.js' }, engines: { node: '>=20' } } },
      {
        stack: 'node',
        buildCommand: 'npm ci',
        startCommand: 'npm start',
        nodeWish: { text: '>=20', from: 'engines.node in package.json' },
      },
    ],
    [
      'a start and a build script, no lock file',
      { 'package.json': { scripts: { start: 'node dist/main', build: 'tsc' } } },
      { stack: 'node', buildCommand: 'npm install && npm run build', startCommand: 'npm start' },
    ],
    [
      'a server without scripts',
      { ...lock, 'app.js': '', 'package.json': { dependencies: { express: '5' } } },
      { stack: 'node', startCommand: 'node app.js', why: 'package.json names express, and there is a app.js' },
    ],
    [
      'a known framework',
      {
        'pnpm-lock.yaml': "lockfileVersion: '9.0'\n",
        'package.json': { scripts: { build: 'nuxt build' }, dependencies: { nuxt: '4' } },
      },
      {
        stack: 'node',
        packageManager: 'pnpm',
        buildCommand: 'npx --yes pnpm@9 install --frozen-lockfile && npx --yes pnpm@9 run build',
        startCommand: 'node .output/server/index.mjs',
      },
    ],
    [
      'Next that only exports pages',
      {
        ...lock,
        'next.config.mjs': "export default { output: 'export' }",
        'package.json': { scripts: { build: 'next build' }, dependencies: { next: '16' } },
      },
      { stack: 'static', staticFolder: 'out' },
    ],
    [
      'a generator whose start script is for development',
      {
        'yarn.lock': '# yarn lockfile v1',
        'package.json': { scripts: { start: 'vite', build: 'vite build' }, devDependencies: { vite: '7' } },
      },
      {
        stack: 'static',
        staticFolder: 'dist',
        buildCommand: 'npx --yes yarn@1 install --frozen-lockfile && npx --yes yarn@1 run build',
      },
    ],
    [
      'Yarn of today',
      {
        'yarn.lock': '__metadata:\n  version: 8',
        'package.json': { packageManager: 'yarn@4.9.1+sha224.953c', scripts: { start: 'node .' } },
      },
      {
        buildCommand: 'npx --yes --package @yarnpkg/cli-dist@4.9.1 yarn install --immutable',
        startCommand: 'npx --yes --package @yarnpkg/cli-dist@4.9.1 yarn run start',
      },
    ],
    [
      'classic Yarn, which leaves a folder that npm can start',
      { 'yarn.lock': '# yarn lockfile v1', 'package.json': { scripts: { start: 'node .' } } },
      { buildCommand: 'npx --yes yarn@1 install --frozen-lockfile', startCommand: 'npm start' },
    ],
    [
      'pages by VitePress in a folder',
      { ...lock, 'package.json': { scripts: { build: 'vitepress build docs' }, devDependencies: { vitepress: '1' } } },
      { stack: 'static', staticFolder: 'docs/.vitepress/dist' },
    ],
    [
      'an unknown build',
      { ...lock, 'package.json': { scripts: { build: 'make' } } },
      { stack: 'static', staticFolder: 'dist' },
    ],
    [
      'plain pages',
      { 'index.html': '', '.nvmrc': '22' },
      { stack: 'static', staticFolder: '', buildCommand: null, why: 'There is an index.html' },
    ],
    ['plain pages in a folder', { 'public/index.html': '' }, { stack: 'static', staticFolder: 'public' }],
    ['a package.json that is broken, beside pages', { 'package.json': '{', 'index.html': '' }, { stack: 'static' }],
    [
      'a package.json full of surprises',
      { 'package.json': { scripts: 7, engines: [], main: {} }, 'index.html': '' },
      { stack: 'static' },
    ],
  ])('knows %s', async (_, files, expected) => {
    expect(await detect(repository(files), '')).toMatchObject(expected)
  })

  test('looks only where the site is', async () => {
    const files = repository({ Dockerfile: '', 'apps/web/index.html': '' })

    expect((await detect(files, './apps/web/'))?.stack).toBe('static')
  })

  test('a Dockerfile does not count where nothing can build it', async () => {
    const files = repository({ Dockerfile: '', 'package.json': { scripts: { start: 'node .' } } })

    expect((await detect(files, '', 'process'))?.stack).toBe('node')
  })

  test('does not guess', async () => {
    expect(await detect(repository({ 'README.md': '' }), '')).toBeNull()
  })

  test.each(['..', 'a/../../b', '/etc', 'a\0'])('CI-01: refuses the root folder %j', async (folder) => {
    await expect(detect(repository({}), folder)).rejects.toMatchObject({ status: 422 })
  })
})
