/**
 * GitHub's published description of its API, which the requests of the tests are checked against. One file of a package
 * that is thirty times as large: nobody who installs the panel should have to fetch that.
 */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../run.js'
import { cache } from './base-image.js'

const version = '23.0.2'
const inside = 'package/generated/api.github.com.json'
export const descriptionFile = join(cache, `github-api-${version}.json`)

/**
 * @param {AbortSignal} signal
 * @returns {Promise<string>} what was done, in words
 */
export async function ensureGithubDescription(signal) {
  if (existsSync(descriptionFile)) return 'is there'
  await mkdir(cache, { recursive: true })
  // Beside its place, so that it appears there whole.
  const folder = await mkdtemp(join(cache, 'github-api-'))
  try {
    const pack = ['npm', 'pack', '--silent', '--pack-destination', folder, `@octokit/openapi@${version}`]
    const packed = await run(pack, { timeoutMs: 180_000, signal })
    const [archive] = (await readdir(folder)).filter((file) => file.endsWith('.tgz'))
    if (!packed.ok || archive === undefined) return 'none: the registry did not give it'
    const unpack = ['tar', '-xzf', join(folder, archive), '-C', folder, inside]
    if (!(await run(unpack, { timeoutMs: 60_000, signal })).ok) return `none: the package has no ${inside}`
    await rename(join(folder, inside), descriptionFile)
    return 'fetched'
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
