import { connect, createServer, type Socket } from 'node:net'

/** A link that can be cut or turned into a black hole: packets are taken, and none arrive. */
export interface TcpProxy {
  readonly port: number
  blackHole(): void
  cut(): void
  /** Nobody comes through any more, until it is told to let them again. */
  refuse(isRefused: boolean): void
  stop(): Promise<void>
}

export async function startTcpProxy(to: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  let isClosed = false
  const server = createServer((near) => {
    if (isClosed) return void near.destroy()
    const far = connect(to, '127.0.0.1')
    for (const [from, into] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.pipe(into)
      from.on('error', () => {}).once('close', () => into.destroy())
    }
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    blackHole: () => {
      for (const socket of sockets) socket.unpipe().on('data', () => {})
    },
    cut,
    refuse: (isRefused) => {
      isClosed = isRefused
      if (isRefused) cut()
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        cut()
      }),
  }
}
