import { execFileSync } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { sshHost } from './host-kinds.js'
import * as sites from './sites.js'
import { startSshd } from './sshd.js'

/**
 * A way to a machine whose Docker is the one that `bin/test` found or started. Commands on a host see nothing of our own
 * environment, so sshd tells them where it is.
 */
export const startDockerSshd = () => {
  const daemon = process.env.DOCKER_HOST
  return startSshd(daemon ? [`SetEnv SHLVL=1 DOCKER_HOST=${daemon}`] : [])
}

/** A server over SSH with Docker. */
export async function startDockerServer() {
  const sshd = await startDockerSshd()
  chmodSync(sshd.folder, 0o755)
  const host = sshHost(sshd)
  const { nodeVersions } = sites.prepareServer(host)
  const stop = async () => {
    await host.close()
    await sshd.stop()
  }
  return { host, nodeVersions, stop }
}

/** What the daemon says, for a test that looks behind the runtime. */
export const docker = (...words: string[]): string => execFileSync('docker', words, { encoding: 'utf8' })
