/**
 * A Docker daemon for the tests: the one that answers already, or one of our own that shares nothing with the
 * machine: its own folders, socket, bridge and addresses. Containers reach out through three firewall rules.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, open, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { onPath, rootPrefix, run } from '../run.js'

/** @typedef {{ says: string, ours: boolean, host: string | undefined, stop: () => Promise<void> }} Daemon */

/** @type {(says: string) => Daemon} */
const without = (says) => ({ says, ours: false, host: undefined, stop: async () => {} })

/**
 * @param {AbortSignal} signal
 * @returns {Promise<Daemon>}
 */
export async function startDocker(signal) {
  if (!onPath('docker')) return without('no docker program')
  if (await answers(process.env.DOCKER_HOST)) {
    return { ...without('one answers already'), host: process.env.DOCKER_HOST ?? '' }
  }
  if (!onPath('dockerd')) return without('no docker daemon program')
  if (!rootPrefix) return without('no docker daemon, and starting one takes root')

  const folder = await mkdtemp('/tmp/hostler-docker-')
  const network = await makeNetwork()
  const host = `unix://${folder}/docker.sock`
  const daemon = await launch(folder, host, network)
  for (let tries = 0; tries < 120 && daemon.exitCode === null && !signal.aborted; tries++) {
    if (await answers(host)) return { says: `started one of our own, ${network.says}`, ours: true, host, stop }
    await pause(250)
  }

  const log = await readFile(join(folder, 'log'), 'utf8')
  await stop()
  return without(`our own did not start: ${log.trim().split('\n').at(-1)}`)

  async function stop() {
    if (daemon.exitCode === null) {
      await emptyOut(host)
      const ended = once(daemon, 'exit')
      await asRoot('kill', '-TERM', String(daemon.pid))
      const late = setTimeout(() => void asRoot('kill', '-KILL', '--', `-${daemon.pid}`), 20_000)
      await ended
      clearTimeout(late)
    }
    await network.remove()
    await asRoot('rm', '-rf', folder)
  }
}

/** @param {string} folder @param {string} host @param {{ flags: string[] }} network */
async function launch(folder, host, network) {
  await writeFile(join(folder, 'config.json'), '{}')
  const log = await open(join(folder, 'log'), 'w')
  const places = ['data-root', 'exec-root', 'pidfile'].map((name) => `--${name}=${folder}/${name}`)
  const words = ['dockerd', `--host=${host}`, `--config-file=${folder}/config.json`, ...places, ...network.flags]
  const [program = '', ...args] = [...(rootPrefix ?? []), ...words]
  const PATH = `${process.env.PATH}:/usr/local/sbin:/usr/sbin:/sbin`
  const child = spawn(program, args, {
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    env: { ...process.env, PATH },
  })
  await log.close()
  return child
}

/** A bridge and a range of addresses that nothing on this machine uses; without the right to make one, no network. */
async function makeNetwork() {
  const bridge = `hostler${process.pid % 100_000}`
  const { output: routes } = await run(['ip', '-4', 'route'])
  const second = [213, 214, 215, 216, 217, 218].find((number) => !routes.includes(`10.${number}.`)) ?? 219
  const all = `10.${second}.0.0/16`
  const rules = [
    ['nat', 'POSTROUTING', '-s', all, '!', '-d', all, '-j', 'MASQUERADE'],
    ['filter', 'FORWARD', '-s', all, '-j', 'ACCEPT'],
    ['filter', 'FORWARD', '-d', all, '-j', 'ACCEPT'],
  ]
  const fence = (/** @type {string} */ verb) =>
    Promise.all(rules.map(([table = '', ...rule]) => asRoot('iptables', '-w', '-t', table, verb, ...rule)))
  const remove = async () => {
    await fence('-D')
    await asRoot('ip', 'link', 'delete', bridge)
  }

  const made = await asRoot('ip', 'link', 'add', bridge, 'type', 'bridge')
  const flags = ['--iptables=false', '--ip6tables=false']
  if (!made.ok) return { says: 'without a network', flags: ['--bridge=none', ...flags], remove: async () => {} }
  await asRoot('ip', 'address', 'add', `10.${second}.255.1/24`, 'dev', bridge)
  await asRoot('ip', 'link', 'set', bridge, 'up')
  const fenced = (await fence('-I')).every(({ ok }) => ok)
  const pool = `--default-address-pool=base=10.${second}.0.0/17,size=24`
  const says = fenced ? `on ${all}` : `on ${all}, without a way out`
  return { says, flags: [`--bridge=${bridge}`, pool, ...flags], remove }
}

/** Containers and networks of tests that failed to remove theirs; a daemon leaves their bridges on the machine. */
async function emptyOut(/** @type {string} */ host) {
  const docker = (/** @type {string[]} */ ...words) => run(['docker', '--host', host, ...words])
  const { output: containers } = await docker('ps', '-aq')
  if (containers) await docker('rm', '-f', ...containers.split('\n'))
  await docker('network', 'prune', '-f')
}

/** @param {string[]} words */
const asRoot = (...words) => run([...(rootPrefix ?? []), ...words])

/** @param {string | undefined} host */
async function answers(host) {
  const env = host === undefined ? process.env : { ...process.env, DOCKER_HOST: host }
  return (await run(['docker', 'version', '--format', '{{.Server.Version}}'], { env, timeoutMs: 5000 })).ok
}
