/** The base of every image that the tests build: real Debian, made here because a registry may be out of reach. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rename } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { onPath, rootPrefix, run } from '../run.js'

const image = 'debian:bookworm-slim'
export const cache = process.env.HOSTLER_TEST_CACHE ?? join(homedir(), '.cache', 'hostler-test')

/** Containers trust whom this machine trusts: its packages may come through a registry of its own. */
const authorities = '/etc/ssl/certs/ca-certificates.crt'
const trust = existsSync(authorities)
  ? createHash('sha256').update(readFileSync(authorities)).digest('hex').slice(0, 8)
  : 'plain'
const archive = join(cache, `bookworm-${process.arch}-${trust}.tar.gz`)

/** Nothing in a test reads these; without them the image is a third of the size. */
const ballast = ['var/cache/apt', 'var/lib/apt/lists', 'var/log', 'usr/share/doc', 'usr/share/man', 'usr/share/locale']

/**
 * @param {import('./docker.js').Daemon} daemon
 * @param {AbortSignal} signal
 * @returns {Promise<string>} what was done, in words
 */
export async function ensureBaseImage({ host, ours }, signal) {
  const docker = (/** @type {string[]} */ ...words) =>
    run(['docker', ...words], {
      env: host ? { ...process.env, DOCKER_HOST: host } : process.env,
      timeoutMs: 120_000,
      signal,
    })

  if ((await docker('image', 'inspect', image)).ok) return `${image} is there`
  if (!ours && (await docker('pull', '-q', image)).ok) return `pulled ${image}`
  const wasCached = existsSync(archive)
  const fault = wasCached ? '' : await makeArchive(signal)
  if (fault) return `none: ${fault}`

  const imported = await docker(
    'import',
    '--change',
    'CMD ["bash"]',
    '--change',
    `ENV NODE_EXTRA_CA_CERTS=${authorities}`,
    archive,
    image,
  )
  if (!imported.ok) return `none: ${imported.output}`
  return `imported ${image} ${wasCached ? 'from' : 'into'} ${cache}`
}

/** @param {AbortSignal} signal @returns {Promise<string>} the fault, or nothing */
async function makeArchive(signal) {
  if (!onPath('debootstrap')) return 'no debootstrap to make one'
  if (!rootPrefix) return 'making one takes root'

  const folder = await mkdtemp(join(tmpdir(), 'hostler-base-'))
  const asRoot = (/** @type {string[]} */ ...words) =>
    run([...(rootPrefix ?? []), ...words], { timeoutMs: 600_000, signal })
  try {
    const made = await asRoot('debootstrap', '--variant=minbase', '--include=ca-certificates', 'bookworm', folder)
    if (!made.ok) return made.output.split('\n').at(-1) ?? 'debootstrap failed'
    if (trust !== 'plain') await asRoot('cp', authorities, join(folder, authorities))
    await mkdir(cache, { recursive: true })
    // Packed under another name first: a run that was stopped half-way must not leave half an archive in the cache.
    const part = `${archive}.${process.pid}`
    const excluded = ballast.map((path) => `--exclude=./${path}/*`)
    const packed = await asRoot('tar', '-C', folder, '-czf', part, ...excluded, '.')
    if (!packed.ok) return packed.output
    await rename(part, archive)
    return ''
  } finally {
    await run([...rootPrefix, 'rm', '-rf', '--one-file-system', folder])
  }
}
