import { valid } from 'semver'
import type { PackageJson } from './package-json.js'
import type { Files, PackageManager } from './stack.js'

export interface PackageCommands {
  readonly name: PackageManager
  /** For sentences: "pnpm-lock.yaml". */
  readonly install: string
  readonly run: (script: string) => string
  /** Where it can, by the npm that every Node has: a restart must not wait for a download, nor fail with the registry. */
  readonly start: string
}

/** How this repository installs and runs: by its lock file, since that is what makes two builds the same. */
export async function packageCommands(files: Files, manifest: PackageJson): Promise<PackageCommands> {
  const names = await files.list('')
  const asked = parsePackageManager(manifest.packageManager)
  if (names.includes('pnpm-lock.yaml')) return pnpm(asked?.name === 'pnpm' ? asked.version : await pnpmLine(files))
  if (names.includes('yarn.lock')) return yarn(asked?.name === 'yarn' ? asked.version : await yarnLine(files))
  const isLocked = names.includes('package-lock.json') || names.includes('npm-shrinkwrap.json')
  return npm(isLocked)
}

const npm = (isLocked: boolean): PackageCommands => ({
  name: 'npm',
  install: isLocked ? 'npm ci' : 'npm install',
  run: (script) => `npm run ${script}`,
  start: 'npm start',
})

const pnpm = (version: string): PackageCommands => ({
  name: 'pnpm',
  install: `npx --yes pnpm@${version} install --frozen-lockfile`,
  run: (script) => `npx --yes pnpm@${version} run ${script}`,
  start: 'npm start',
})

/** Yarn has two lives under two package names: 1, and everything after it. */
function yarn(version: string): PackageCommands {
  const isClassic = /^[01](?:\.|$)/.test(version)
  const program = isClassic ? `npx --yes yarn@${version}` : `npx --yes --package @yarnpkg/cli-dist@${version} yarn`
  return {
    name: 'yarn',
    install: `${program} install ${isClassic ? '--frozen-lockfile' : '--immutable'}`,
    run: (script) => `${program} run ${script}`,
    // Without node_modules, which is its default, only the later one itself finds the packages.
    start: isClassic ? 'npm start' : `${program} run start`,
  }
}

/** "pnpm@9.1.0+sha512.…" as Corepack reads it. */
function parsePackageManager(text: string | undefined): { name: string; version: string } | null {
  const [, name, version] = /^(npm|yarn|pnpm)@([^+\s]+)/.exec(text ?? '') ?? []
  return name && version && valid(version) ? { name, version } : null
}

const pnpmLines: Readonly<Record<string, string>> = { '5.3': '6', '5.4': '7', '6.0': '8', '6.1': '8' }

async function pnpmLine(files: Files): Promise<string> {
  const [, lockVersion] = /^lockfileVersion: '?(\d+\.\d+)/.exec((await files.read('pnpm-lock.yaml')) ?? '') ?? []
  return pnpmLines[lockVersion ?? ''] ?? '9'
}

async function yarnLine(files: Files): Promise<string> {
  return /^__metadata:/m.test((await files.read('yarn.lock')) ?? '') ? '4' : '1'
}
