/** Debian packages whose programs the tests drive. A machine that lacks them runs fewer tests and says which. */
import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onPath, rootPrefix, run } from '../run.js'

/** What the tests call, and the package that has it: a program from elsewhere is as good. */
const packageOf = {
  'redis-server': 'redis-server',
  sshd: 'openssh-server',
  caddy: 'caddy',
  pebble: 'pebble',
  openssl: 'openssl',
  dockerd: 'docker.io',
  docker: 'docker.io',
  iptables: 'iptables',
  ip: 'iproute2',
  runsv: 'runit',
  restic: 'restic',
  shellcheck: 'shellcheck',
  debootstrap: 'debootstrap',
  'chromium-headless-shell': 'chromium-headless-shell',
  ps: 'procps',
}

const policy = '/usr/sbin/policy-rc.d'

/**
 * @param {AbortSignal} signal
 * @returns {Promise<string>} what was done, in words
 */
export async function installDebianPackages(signal) {
  const lacking = missing()
  if (lacking.length === 0) return 'all are there'
  if (!onPath('apt-get')) return `no apt-get here; missing: ${lacking.join(' ')}`
  if (!rootPrefix) return `not root and no sudo without a password; missing: ${lacking.join(' ')}`

  const letServicesStartAgain = await keepServicesFromStarting()
  try {
    await apt(['update'], signal)
    const together = await apt(['install', ...lacking], signal)
    // One name that this Debian does not have refuses them all.
    if (!together.ok) for (const name of lacking) await apt(['install', name], signal)
  } finally {
    await letServicesStartAgain()
  }

  const failed = missing()
  const installed = lacking.filter((name) => !failed.includes(name))
  return [`installed ${installed.join(' ') || 'nothing'}`, failed.length > 0 && `could not install ${failed.join(' ')}`]
    .filter(Boolean)
    .join('; ')
}

const missing = () => [
  ...new Set(
    Object.entries(packageOf)
      .filter(([program]) => !onPath(program))
      .map(([, name]) => name),
  ),
]

/** @param {string[]} words @param {AbortSignal} signal */
function apt([verb = '', ...names], signal) {
  const options = ['-q', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120']
  const quietly = ['env', 'DEBIAN_FRONTEND=noninteractive']
  return run([...(rootPrefix ?? []), ...quietly, 'apt-get', verb, ...options, ...names], { timeoutMs: 600_000, signal })
}

/** Installing a server must not start it. A machine that has its own policy keeps it. */
async function keepServicesFromStarting() {
  if (existsSync(policy)) return async () => {}
  const file = join(tmpdir(), `hostler-policy-${process.pid}`)
  await writeFile(file, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  await run([...(rootPrefix ?? []), 'install', '-m', '755', file, policy])
  await rm(file)
  return async () => {
    await run([...(rootPrefix ?? []), 'rm', '-f', policy])
  }
}
