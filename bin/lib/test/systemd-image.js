/** A Debian whose first process is systemd, for what only shows there: units, their limits, a restart of the machine. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { run } from '../run.js'
import { cache } from './base-image.js'

const image = 'hostler-test-systemd'
export const systemdNetwork = 'hostler-test-systemd'
const folder = fileURLToPath(new URL('./systemd', import.meta.url))

/** @param {string} name */
const textOf = (name) => readFileSync(join(folder, name))

/** As much of `--privileged` as systemd takes, and no more than those may give who lack one capability themselves. */
export const systemdFlags = [
  ...['--cap-add=ALL', '--cap-drop=SYS_RESOURCE', '--cgroupns=private'],
  ...['seccomp', 'apparmor', 'systempaths'].map((name) => `--security-opt=${name}=unconfined`),
  ...['--tmpfs=/run', '--tmpfs=/run/lock', '--tmpfs=/tmp:exec', '--env=container=docker'],
]

/**
 * Leaves the image only where a machine made from it really comes up: else the tests that need it are named as not run.
 * @param {import('./docker.js').Daemon} daemon
 * @param {AbortSignal} signal
 * @returns {Promise<string>} what was done, in words
 */
export async function ensureSystemdImage({ host }, signal) {
  const env = host ? { ...process.env, DOCKER_HOST: host } : process.env
  const docker = (/** @type {string[]} */ ...words) => run(['docker', ...words], { env, timeoutMs: 300_000, signal })
  await ensureNetwork(docker)
  if ((await docker('image', 'inspect', image)).ok) return `${image} is there`

  const { answer: base } = await docker(
    'image',
    'inspect',
    '--format',
    '{{json .RootFS.Layers}}',
    'debian:bookworm-slim',
  )
  const recipe = createHash('sha256').update(textOf('Dockerfile')).update(textOf('boot.sh')).update(base)
  const archive = join(cache, `systemd-${recipe.digest('hex').slice(0, 12)}.tar.gz`)
  const isCached = existsSync(archive)
  const made = isCached ? await docker('load', '-q', '-i', archive) : await docker('build', '-q', '-t', image, folder)
  if (!made.ok) return `none: ${made.output.split('\n').at(-1)}`

  if (isCached) return `loaded ${image}`

  const fault = await tryToBoot(docker)
  if (fault) {
    await docker('image', 'rm', '-f', image)
    return `none: ${fault}`
  }
  await keep(docker, archive)
  return `built ${image}`
}

/** @typedef {(...words: string[]) => ReturnType<typeof run>} Docker */

/**
 * Made before any test: a browser gives up what it loads when this machine gets another address. Its subnet is spelt out, so that
 * a machine can ask for an address, and keep it while it restarts.
 * @param {Docker} docker
 */
async function ensureNetwork(docker) {
  if ((await docker('network', 'inspect', systemdNetwork)).ok) return
  await docker('network', 'create', systemdNetwork)
  const format = '{{(index .IPAM.Config 0).Subnet}}'
  const { answer: subnet } = await docker('network', 'inspect', '--format', format, systemdNetwork)
  await docker('network', 'rm', systemdNetwork)
  await docker('network', 'create', `--subnet=${subnet}`, systemdNetwork)
}

/** @param {Docker} docker @returns {Promise<string>} why systemd does not come up, or nothing */
async function tryToBoot(docker) {
  const { ok, answer: id, output } = await docker('run', '-d', ...systemdFlags, '--env=PUBLIC_KEY=', image)
  if (!ok) return output.split('\n').at(-1) ?? 'a container of it cannot be made'
  try {
    for (let tries = 0; tries < 60; tries++) {
      const state = await docker('exec', id, 'systemctl', 'is-system-running')
      if (/^(running|degraded)$/.test(state.answer)) return ''
      await pause(250)
    }
    return 'systemd does not come up in a container here'
  } finally {
    await docker('rm', '-f', id)
  }
}

/** Packed under another name first: a run that was stopped half-way must not leave half an archive. */
async function keep(/** @type {Docker} */ docker, /** @type {string} */ archive) {
  const part = `${archive}.${process.pid}`
  await mkdir(cache, { recursive: true })
  const saved = await docker('save', '-o', part, image)
  if (saved.ok && (await run(['gzip', '-1', part])).ok) await rename(`${part}.gz`, archive)
}
