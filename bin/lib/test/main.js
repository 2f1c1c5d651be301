import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { dependenciesAreInstalled, installDependencies } from '../install.js'
import { ensureBaseImage } from './base-image.js'
import { installDebianPackages } from './debian.js'
import { startDocker } from './docker.js'
import { ensureGithubDescription } from './github-description.js'
import { endLeftovers } from './leftovers.js'
import { makeMemoryFolder } from './memory.js'
import { runChecks } from './run-checks.js'
import { phase, red, seconds } from './screen.js'
import { ensureSystemdImage } from './systemd-image.js'
import { Totals } from './totals.js'
import { runTests } from './vitest.js'

const help = `Usage: bin/test [--no-install] [NAME...]

Runs every check and every test, after installing what they need: npm packages, and, as root or with sudo on Debian
and Ubuntu, the programs that the tests drive. Tests whose programs are missing are named at the end and not run.
It starts its own Docker daemon when none answers, and stops everything it started.

  NAME          run only the test files whose path has this, and no checks
  --no-install  install no Debian packages
  --help        this text

HOSTLER_TEST_CACHE names the folder for what a second run uses again (~/.cache/hostler-test).`

const { values, positionals: only } = parseArgs({
  allowPositionals: true,
  options: { 'no-install': { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
})
if (values.help) {
  console.log(help)
  process.exit(0)
}

const startedAt = Date.now()
const stopping = new AbortController()
for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(name, () => stopping.abort())
const { signal } = stopping

const totals = new Totals()
// A short name, because sockets below it may have 107 characters; open, because Postgres and sites run as other users.
const folder = mkdtempSync(join(tmpdir(), 'ht-'))
chmodSync(folder, 0o1777)
const memory = await makeMemoryFolder()

/** @type {import('./docker.js').Daemon | undefined} */
let daemon
try {
  await everything()
} finally {
  const left = await endLeftovers(folder)
  if (left.length > 0) totals.fail(`the tests left running: ${left.join(', ')}`)
  else if (!signal.aborted) totals.passed++
  await daemon?.stop()
  for (const made of [memory, folder]) rmSync(made, { recursive: true, force: true })
}

console.log(`Whole run: ${seconds(Date.now() - startedAt)}`)
if (signal.aborted) {
  console.log('Stopped before the end; everything that was started has been stopped.')
  process.exit(130)
}
for (const line of totals.lines()) console.log(line)
process.exit(totals.failures.length === 0 ? 0 : 1)

async function everything() {
  if (!dependenciesAreInstalled()) {
    const { ok } = await phase('npm packages', installDependencies, ({ ok, output }) =>
      ok ? 'installed' : red(output),
    )
    if (!ok) return totals.fail('the npm packages could not be installed (see above), so nothing else was run')
  }
  if (!values['no-install']) await phase('Debian packages', () => installDebianPackages(signal), String)
  const docker = await phase(
    'Docker',
    () => startDocker(signal),
    ({ says }) => says,
  )
  daemon = docker
  if (docker.host !== undefined) {
    await phase('Base image', () => ensureBaseImage(docker, signal), String)
    await phase('Image with systemd', () => ensureSystemdImage(docker, signal), String)
  }

  await phase('GitHub’s description of its API', () => ensureGithubDescription(signal), String)

  if (only.length === 0) await runChecks(totals, signal)
  if (signal.aborted) return
  const places = { TMPDIR: folder, HOSTLER_TEST_MEMORY: memory }
  const env = { ...process.env, ...(docker.host && { DOCKER_HOST: docker.host }), ...places }
  await runTests(totals, { folder, only, signal, env })
}
