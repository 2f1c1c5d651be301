import { apiPrefix } from '../../server/platform/http/api-answer.js'
import { type Entrance, writing } from './entrances.js'
import { type Fields, samplesOf } from './samples.js'
import type { Scene } from './scene.js'
import { directoryGroupOf } from './seed-sign-in.js'
import { wordsOf } from './seeds.js'

/** The entrances that take a body. Of two faces of one route the API's is asked: JSON carries any text as it is. */
export const takers = writing.filter(
  ({ face, path, method, route }) =>
    route.options.input &&
    (face === 'api' || !writing.some((other) => other.method === method && other.path === apiPrefix + path)),
)

// What a schema lets be left out, but its verb needs: the text that is pasted, and how another repository lets us in.
const needed = { environment: 'COLOUR=blue', access: 'none' }

export const bodiesOf = (scene: Scene, { path, route }: Entrance): Fields[] =>
  samplesOf(route.options.input, { ...wordsOf(scene.acme), ...needed, ...only(scene, path) })

/** What means something else there than everywhere else. */
function only({ w, acme }: Scene, path: string): Fields {
  if (path.endsWith('/deletion')) return { confirm: acme.team.name }
  if (path.endsWith('/audit/forward')) return { kind: 'syslog', address: 'logs.example.com:6514' }
  if (path.endsWith('/invitations')) return { email: 'another@example.com', role: 'viewer' }
  if (path.endsWith('/directory-roles')) return { group: directoryGroupOf(acme.team) }
  return path.endsWith('/ownership') ? { member: w.people.admin.id } : {}
}

export const isDone = (status: number): boolean => status < 400
