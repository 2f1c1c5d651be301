import { minutes } from '../../support/clock.js'
import { insert } from '../../support/make.js'
import { type Entrance, expected, type Who } from '../entrances.js'
import type { Situation } from './situation.js'

const ofApi = ({ face }: Entrance): boolean => face === 'api'
const withKeys: readonly Who[] = ['owner', 'client']

export const ofKeysAndSessions: readonly Situation[] = [
  {
    name: 'AK-07: a key that is shown from another network opens nothing, not even what is open to anybody',
    people: withKeys,
    where: ofApi,
    decided: () => 403,
    begin: ({ w }) => w.test.query(`update api_keys set networks = '{203.0.113.0/24}'`),
  },
  {
    name: 'AK-03: a key that was revoked opens nothing',
    people: withKeys,
    where: ofApi,
    decided: () => 401,
    begin: ({ w }) => w.test.query('update api_keys set revoked_at = $1', [w.clock.now()]),
  },
  {
    name: 'AK-03: a key that is over opens nothing',
    people: ['owner'],
    where: ofApi,
    decided: () => 401,
    begin: ({ w }) => w.test.query('update api_keys set expires_at = $1', [w.clock.now()]),
  },
  {
    name: 'SE-04: a session that was not used for longer than a team allows is a visitor’s',
    people: ['owner'],
    where: ({ face, method, route }) => face === 'page' && method === 'get' && route.options.can !== 'anyone',
    decided: (entrance) => expected(entrance, 'nobody'),
    begin: async ({ w }) => {
      await insert(w.test, 'sign_in_rules', { team_id: w.acme.id, requires_factor: false, idle_minutes: 5 })
      await w.test.query('update sessions set last_seen_at = $1', [new Date(w.clock.now().getTime() - minutes(5))])
    },
  },
]
