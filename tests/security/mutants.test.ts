import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type MutantName, mutants } from '../support/mutants.js'
import { clientPermissions } from '../support/people.js'
import { type Entrance, entrances, expected, type Who } from './entrances.js'
import type { Knock } from './knock.js'
import { mutated } from './mutated.js'
import { type Scene, startScene } from './scene.js'
import { ofKeysAndSessions } from './situations/of-keys.js'
import { ofParts } from './situations/of-parts.js'
import { ofStepUp } from './situations/of-step-up.js'
import { ofTeams } from './situations/of-teams.js'
import { ofThePanel } from './situations/of-the-panel.js'
import { lookAt, type Situation } from './situations/situation.js'
import { decision } from './walk.js'

const all = [...ofTeams, ...ofThePanel, ...ofParts, ...ofKeysAndSessions, ...ofStepUp]

const during = (start: string): Situation => {
  const found = all.filter(({ name }) => name.includes(start))
  if (found.length !== 1 || !found[0]) throw new Error(`${found.length} situations are called ${start}`)
  return found[0]
}

/** On a usual day. */
const usually = (...people: Who[]): Situation => ({
  name: '',
  people,
  where: () => true,
  decided: expected,
  begin: async () => undefined,
})

/** A change that comes from elsewhere than from a page of ours (csrf.test.ts). */
const fromElsewhere = (headers: Knock['headers']): Situation => ({
  ...usually('owner'),
  where: ({ face, method, route }) => face === 'page' && method !== 'get' && route.options.can === 'site:update',
  decided: () => 403,
  ask: (scene, entrance, who) => decision(scene, entrance, who, headers ? { headers } : {}),
})

const can =
  (...names: string[]) =>
  ({ route }: Entrance) =>
    names.includes(route.options.can)
const api = ({ face }: Entrance) => face === 'api'
const pages = ({ face }: Entrance) => face === 'page'
const onSite = ({ path }: Entrance) => path.includes('/sites/:site')

/** In what situation, and where, each is noticed first. */
const noticed: Partial<Record<MutantName, readonly [Situation, (entrance: Entrance) => boolean]>> = {
  'anybody is a member of any team': [usually('stranger'), (e) => pages(e) && can('site:read')(e)],
  'a closed team is open': [during('that the operator suspended'), can('site:read')],
  'a suspended team can be deleted': [during('that the operator suspended'), can('team:delete')],
  'a team that is being deleted is open': [during('that is being deleted'), can('site:read')],
  'a factor that a team requires is not asked for': [
    during('of a team that requires a factor'),
    (e) => pages(e) && can('site:read')(e),
  ],
  'a factor that the panel requires is not asked for in teams': [
    during('a panel that requires'),
    (e) => pages(e) && can('site:read')(e),
  ],
  'a factor that the panel requires is not asked of operators': [during('a panel that requires'), can('operator')],
  'a key stands for somebody without the factor that is required': [
    during('of a team that requires a factor'),
    (e) => api(e) && can('site:read')(e),
  ],
  'a team’s own sign-in is not asked for': [during('its own sign-in'), can('site:read')],

  'a role on one site holds on every site': [usually('client'), (e) => onSite(e) && can('site:update')(e)],
  'a list opens to who may see nothing in it': [
    usually('client'),
    (e) => e.method === 'get' && can('connection:read')(e),
  ],
  'what somebody does not see is told apart from what is not there': [usually('client'), can('server:update')],
  'a role on a site holds what is of the team': [
    during('on one site'),
    (e) => onSite(e) && can('site-group:manage')(e),
  ],

  'half signed in is signed in': [usually('half'), can('signed-in')],
  'whoever is signed in may give a second factor': [usually('owner'), can('half-signed-in')],
  'anybody is an operator': [usually('owner'), (e) => pages(e) && can('operator')(e)],
  'an operator in a team may do everything': [during('let in to help'), can('site:delete')],
  'an operator is in every team': [usually('operator'), can('site:read')],
  'a suspended person’s session goes on': [usually('suspended'), (e) => pages(e) && can('site:read')(e)],
  'a session that nobody used goes on': [during('longer than a team allows'), can('site:read')],

  'a suspended person’s key goes on': [usually('suspended'), (e) => api(e) && can('site:read')(e)],
  'the key of who was removed goes on': [during('to who was removed'), api],
  'a key opens every team': [usually('stranger'), (e) => api(e) && can('site:read')(e)],
  'a revoked key goes on': [during('that was revoked'), can('site:read')],
  'a key that is over goes on': [during('that is over'), can('site:read')],
  'a key is taken from every network': [during('from another network'), can('site:read')],
  'a key does more than its maker may': [during('was demoted'), (e) => api(e) && can('site:update')(e)],
  'a key does what asks who is there': [
    usually('owner'),
    (e) => api(e) && e.route.options.stepUp !== undefined && !e.route.options.openToKeys,
  ],

  'nobody is asked who they are again': [during('after ten minutes'), () => true],
  'a proof does for ever': [during('after ten minutes'), () => true],
  'the password alone does where both are asked for': [during('asks for both'), () => true],

  'no token is asked for': [fromElsewhere({ 'x-csrf-token': '' }), () => true],
  'any token does': [fromElsewhere({ 'x-csrf-token': 'x' }), () => true],
  'another origin may ask for changes': [fromElsewhere({ origin: 'https://evil.example' }), () => true],
  'another site may ask for changes': [fromElsewhere({ 'sec-fetch-site': 'cross-site' }), () => true],
}

let scene: Scene
/** Put together as those with holes are, so that they are not noticed for that. */
let whole: Scene
beforeAll(async () => {
  scene = await startScene()
  whole = await mutated(scene, 'none')
})
beforeEach(() => scene.reset())
afterAll(async () => {
  await whole.close()
  await scene.close()
})

/** These have tests of their own (permissions.test.ts), or no hole. */
const elsewhere: readonly MutantName[] = ['one permission is everybody’s', 'none']

describe('AZ-06: the policy notices when', () => {
  it('each of the holes; none is left out here', () => {
    expect([...Object.keys(noticed), ...elsewhere].sort()).toEqual(Object.keys(mutants).sort())
    expect(clientPermissions).not.toContain('connection:read')
  })

  it.each(Object.entries(noticed))('%s', async (name, [situation, where]) => {
    const list = entrances.filter((entrance) => situation.where(entrance) && where(entrance)).slice(0, 3)
    expect(list).not.toEqual([])
    await situation.begin(scene)
    const [withoutHole, decided] = await lookAt({ ...scene, panel: whole.panel }, situation, list)
    expect(withoutHole).toEqual(decided)

    // A session that was found to be over is gone.
    await scene.reset()
    await situation.begin(scene)
    // `as`: the names are the keys of the table above.
    const withHole = await mutated(scene, name as MutantName)
    const [found] = await lookAt(withHole, situation, list)
    await withHole.close()
    expect(Object.values(found).join()).not.toMatch(/ 5\d\d/)
    for (const at of Object.keys(decided)) expect([at, found[at]]).not.toEqual([at, decided[at]])
  })
})
