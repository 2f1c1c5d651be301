import type { Server, Socket } from 'node:net'
import ssh2, { type ServerChannel } from 'ssh2'
import type { Secret } from '../../server/platform/secret.js'

/** Answers one command. The panel waits for `${markerIn(line)} <group> <start time>\\n` before the command's own output. */
export type Play = (stream: ServerChannel, line: string, user: string) => void

export interface Listening {
  readonly port: number
  stop(): void
}

/** An SSH server inside this process that lets everybody in and plays a part for each command. */
export function startScriptedSshd(hostKey: Secret, play: Play): Promise<Listening> {
  const server = new ssh2.Server({ hostKeys: [hostKey.reveal()] }, (client) => {
    let user = ''
    client.on('error', () => {})
    client.on('authentication', (attempt) => {
      user = attempt.username
      attempt.accept()
    })
    client.on('session', (accept) => {
      accept().on('exec', (acceptExec, _, { command }) => play(acceptExec(), command, user))
    })
  })
  // It behaves as the server of node:net that it wraps; only its declaration does not say so.
  return listening(server as unknown as Server)
}

export function listening(server: Server): Promise<Listening> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => sockets.add(socket))
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve({
        port: typeof address === 'object' && address ? address.port : 0,
        stop() {
          server.close()
          for (const socket of sockets) socket.destroy?.()
        },
      })
    })
  })
}

/** By which the panel knows where the output of its command begins; undefined in a line that ends a group. */
export const markerIn = (line: string): string | undefined => /hostler-[0-9a-f]{16}/.exec(line)?.[0]
