import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A link that can be cut or turned into a black hole: packets are taken, and none arrive. */
export interface TcpProxy {
  readonly port: number
  /** How many were ever let in, and how many of them are there. */
  readonly people: { readonly ever: number; readonly now: number }
  blackHole(): void
  cut(): void
  /** Nothing listens there any more, until it is told to let people through again. */
  refuse(isRefused: boolean): Promise<void>
  /** From now on people are let in and put out again at once. */
  hangUp(): void
  stop(): Promise<void>
}

export async function startTcpProxy(to: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  const people = { ever: 0, now: 0 }
  let hangsUp = false
  const server = createServer((near) => {
    people.ever++
    people.now++
    near.once('close', () => people.now--)
    if (hangsUp) return void near.destroy()
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
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  await listen(0)
  const { port } = server.address() as AddressInfo // It listens on TCP.
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      cut()
    })
  return {
    port,
    people,
    blackHole: () => {
      for (const socket of sockets) socket.unpipe().on('data', () => {})
    },
    cut,
    refuse: (isRefused) => (isRefused ? close() : listen(port)),
    hangUp: () => {
      hangsUp = true
      cut()
    },
    stop: close,
  }
}
