import type { Entrance, Who } from './entrances.js'
import { asForm, type Fields, samplesOf } from './samples.js'
import type { Scene } from './scene.js'
import { type Answer, send } from './send.js'

export interface Knock {
  /** Instead of what the entrance is filled with by itself. */
  readonly address?: string
  readonly query?: string
  readonly fields?: Fields
  /** A field of a form that comes more than once. */
  readonly twice?: string
  /** With a session also on the API, where a key may do less than who made it. */
  readonly isPerson?: boolean
  readonly headers?: Record<string, string>
}

/** One request at an entrance, as somebody who has all they need for that face. */
export async function knock(scene: Scene, entrance: Entrance, who: Who, how: Knock = {}): Promise<Answer> {
  const { face, method } = entrance
  const headers = { ...scene.credentials(who, how.isPerson ? 'page' : face), ...how.headers }
  const address = how.address ?? (await scene.address(entrance))
  return send(`${scene.panel.url}${address}${how.query ?? queryOf(entrance)}`, {
    method: face === 'page' && method !== 'get' ? 'POST' : method.toUpperCase(),
    headers: { ...contentType(entrance), ...headers },
    ...(method === 'get'
      ? {}
      : { body: bodyOf(entrance, how.fields ?? {}) + (how.twice ? `&${how.twice}=a&${how.twice}=b` : '') }),
  })
}

/** The parameters that have to be there, and no others. */
export function queryOf({ route }: Entrance): string {
  const query = new URLSearchParams(asForm(samplesOf(route.options.query)[0] ?? {})).toString()
  return query === '' ? '' : `?${query}`
}

const contentType = ({ face, method }: Entrance): Record<string, string> =>
  method === 'get' ? {} : { 'content-type': face === 'page' ? 'application/x-www-form-urlencoded' : 'application/json' }

/** Forms can only POST; the method that is meant rides in a field. */
export function bodyOf({ face, method }: Entrance, fields: Fields): string {
  if (face !== 'page') return Object.keys(fields).length === 0 && method !== 'post' ? '' : JSON.stringify(fields)
  const form = new URLSearchParams(asForm(fields))
  if (method !== 'post') form.set('_method', method)
  return form.toString()
}

/** Without what is new in every answer. */
export const sameEachTime = (text: string): string => text.replaceAll(/nonce="[^"]*"|"nonce":"[^"]*"/g, 'nonce')
