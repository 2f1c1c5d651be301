import { keyPlace } from '../../server/servers/host-targets.js'
import { type FaultStage, startFaultStage } from './fault-stage.js'
import { startSshd } from './sshd.js'
import { startTcpProxy, type TcpProxy } from './tcp-proxy.js'

/** Its server is reached over SSH through a link that may be lost, and one worker runs. */
export interface LinkedStage extends FaultStage {
  link: TcpProxy
}

export async function startLinkedStage(): Promise<LinkedStage> {
  const stage = await startFaultStage()
  const sshd = await startSshd()
  const link = await startTcpProxy(sshd.port)
  const box = stage.test.services.vault.seal(sshd.privateKey, keyPlace(stage.server.id))
  await stage.test.database.query(
    `update servers set kind = 'ssh', address = '127.0.0.1', port = $2, username = $3, private_key_sealed = $4,
     host_key = $5, host_key_fingerprint = '' where id = $1`,
    [stage.server.id, link.port, sshd.user, box, sshd.hostKey],
  )
  await stage.worker()
  return {
    ...stage,
    link,
    stop: async () => {
      await stage.stop()
      await link.stop()
      await sshd.stop()
    },
  }
}
