import type { ApiCall } from '../git/hosts/api.js'
import { gitHosts } from '../git/hosts/hosts.js'
import type { Outbound, OutboundAnswer } from '../platform/outbound/outbound.js'
import type { Speaker } from './speaking.js'

/** Asks a repository's host with the token of its connection. @throws OutboundFault where no answer came */
export const askHost = (
  outbound: Outbound,
  speaker: Speaker,
  { method, path, body }: ApiCall,
  signal: AbortSignal,
): Promise<OutboundAnswer> =>
  outbound.send({
    method,
    url: `${speaker.base}${path}`,
    headers: {
      ...gitHosts[speaker.host].api.headers(speaker.token),
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
    signal,
  })
