import { createServer, type RequestListener, type Server } from 'node:http'
import { networkInterfaces } from 'node:os'
import { UserError } from './platform/errors.js'

/**
 * Resolves once connections are taken. Throws `UserError` when the port cannot be had.
 * @param address the only one of this machine to listen on; null: all
 */
export function listen(app: RequestListener, port: number, address: string | null = null): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(app)
    server.once('error', (error) => reject(portFault(error, port)))
    server.listen({ port, ...(address !== null && { host: address }) }, () => resolve(server))
  })
}

function portFault(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code === 'EADDRINUSE')
    return new UserError(500, `Port ${port} is taken by another program`, 'Set PORT to a free one, or stop the other.')
  if (error.code === 'EACCES')
    return new UserError(500, `This account may not listen on port ${port}`, 'Set PORT to one above 1023.')
  if (error.code === 'EADDRNOTAVAIL')
    return new UserError(500, 'HOSTLER_BIND is no address of this machine', 'Leave it out to listen on all of them.')
  return error
}

const patienceMs = 10_000

/** Takes nothing new, lets what is being answered end, and hangs up on streams that would never. */
export function stopListening(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const hangUp = setTimeout(() => server.closeAllConnections(), patienceMs)
    server.close(() => {
      clearTimeout(hangUp)
      resolve()
    })
    server.closeIdleConnections()
  })
}

/** The addresses of this machine that others in its network may reach it by. */
export const ownAddresses = (): string[] =>
  Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address)
