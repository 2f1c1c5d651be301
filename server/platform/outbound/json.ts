import type { OutboundAnswer } from './outbound.js'

/** What an answer says, to be parsed by a schema; null where it is no JSON. */
export function jsonOf({ body }: Pick<OutboundAnswer, 'body'>): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return null
  }
}
