import { createServer } from 'node:net'

/** Listening on `::`, a visitor from 10.0.0.7 is seen as `::ffff:10.0.0.7`. */
export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '')

/** A port nobody listens on at this moment, on loopback; the wished one where that may be. */
export const freePort = (wished?: number): Promise<number> =>
  wished === undefined ? tryPort(0) : tryPort(wished).catch(() => tryPort(0))

function tryPort(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no address')),
      )
    })
  })
}
