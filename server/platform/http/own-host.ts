import { isIP } from 'node:net'
import type { RequestHandler } from 'express'
import { UserError } from '../errors.js'

/**
 * Refuses requests for names that are not the panel's (HD-04): anybody can have a name of theirs lead to this machine, and a browser then
 * takes what it says for theirs. Nobody else can have addresses, nor names without a dot, so a first start, a proxy that says where it
 * forwards to and whoever asks on this machine are answered. Ports are left to who forwards them.
 */
export const refuseOtherHosts =
  (baseUrl: URL): RequestHandler =>
  (req, _res, next) => {
    const { host } = req.headers
    if (host === undefined || isOurs(host, baseUrl)) return next()
    next(
      new UserError(
        421,
        'Hostler does not know this address as its own',
        `Open ${baseUrl.origin}, or set HOSTLER_URL to the address you use.`,
      ),
    )
  }

function isOurs(host: string, baseUrl: URL): boolean {
  const name = host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '')
  if (name === baseUrl.hostname.replace(/\.$/, '')) return true
  return isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0 || /^[a-z0-9_-]+$/.test(name) || name.endsWith('.localhost')
}
