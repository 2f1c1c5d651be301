import type { CustomFetch } from 'openid-client'
import { OutboundFault } from '../platform/outbound/fault.js'
import type { Outbound } from '../platform/outbound/outbound.js'

/**
 * The `fetch` that the OpenID library asks with: every address that a provider names (endpoints, keys) was given by
 * somebody, so all of them go through the guarded client (SO-05). What the library does with a fault does not matter:
 * `fault()` has the first one.
 */
export function outboundFetch(outbound: Outbound): { fetch: CustomFetch; fault(): OutboundFault | undefined } {
  let fault: OutboundFault | undefined
  const fetch: CustomFetch = async (url, { method, headers, body }) => {
    try {
      const answer = await outbound.send({
        ...{ method: method === 'POST' ? 'POST' : 'GET', url, headers },
        ...(body === undefined || body === null ? {} : { body: String(body) }),
      })
      const type = answer.header('content-type')
      const hasBody = ![101, 204, 205, 304].includes(answer.status)
      return new Response(hasBody ? answer.body : null, {
        status: answer.status,
        headers: type === undefined ? {} : { 'content-type': type },
      })
    } catch (error) {
      if (error instanceof OutboundFault) fault ??= error
      throw error
    }
  }
  return { fetch, fault: () => fault }
}
