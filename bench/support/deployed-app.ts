import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../../bin/lib/run.js'

/** A few real packages without dependencies of their own, out of our own node_modules: a build that needs no registry. */
const packages = ['semver', 'undici', 'uuid', 'zod']
let packed: Record<string, Buffer | string> | undefined

/** A Node site whose dependencies come with it, so that `npm ci --offline` installs them anywhere. */
export function appWithDependencies(release: string): Record<string, Buffer | string> {
  packed ??= pack()
  return {
    ...packed,
    'server.js': `
      require('semver')
      require('node:http').createServer((request, response) => response.end('release ${release}')).listen(process.env.PORT, '127.0.0.1')
    `,
  }
}

function pack(): Record<string, Buffer | string> {
  const folder = mkdtempSync(join(tmpdir(), 'hostler-bench-'))
  const npm = (...words: string[]) =>
    execFileSync('npm', words, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  try {
    const files: Record<string, Buffer | string> = {}
    const dependencies: Record<string, string> = {}
    execFileSync('mkdir', ['vendor'], { cwd: folder })
    for (const name of packages) {
      const file = npm(
        'pack',
        '--silent',
        '--ignore-scripts',
        '--pack-destination',
        'vendor',
        join(root, 'node_modules', name),
      ).trim()
      dependencies[name] = `file:vendor/${file}`
      files[`vendor/${file}`] = readFileSync(join(folder, 'vendor', file))
    }
    files['package.json'] = JSON.stringify({
      name: 'app',
      version: '1.0.0',
      engines: { node: '22.23.0' },
      dependencies,
    })
    execFileSync('tee', ['package.json'], {
      cwd: folder,
      input: files['package.json'],
      stdio: ['pipe', 'ignore', 'inherit'],
    })
    npm('install', '--package-lock-only', '--offline', '--no-audit', '--no-fund')
    files['package-lock.json'] = readFileSync(join(folder, 'package-lock.json'))
    return files
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
