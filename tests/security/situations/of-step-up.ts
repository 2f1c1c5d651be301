import { minutes } from '../../support/clock.js'
import { insert } from '../../support/make.js'
import { type Entrance, expected, isOfTeam, type Who } from '../entrances.js'
import { knock } from '../knock.js'
import type { Scene } from '../scene.js'
import { proof, type Situation } from './situation.js'

/** At what asks who is there again; nothing of the body is looked at before that. */
async function askForProof(scene: Scene, entrance: Entrance, who: Who): Promise<number | string> {
  const { status, headers, text } = await knock(scene, entrance, who, { isPerson: true, fields: {} })
  const isSentThere = status === 303 && headers.get('location')?.startsWith('/profile/proof') === true
  return isSentThere || (status === 403 && text.includes('Confirm that it is you')) ? proof : status
}

const lastProven = (scene: Scene, password: Date | null, factor: Date | null) =>
  scene.w.test.query('update sessions set password_proved_at = $1, factor_proved_at = $2', [password, factor])

export const ofStepUp: readonly Situation[] = [
  {
    name: 'MF-05: every act that asks who is there does so after ten minutes',
    people: ['owner', 'operator'],
    where: ({ route }) => route.options.stepUp !== undefined,
    decided: (entrance, who) =>
      expected(entrance, who) === 404 ? 404 : isOfTeam(entrance) && who === 'operator' ? 404 : proof,
    ask: askForProof,
    begin: (scene) => {
      const long = new Date(scene.w.clock.now().getTime() - minutes(10))
      return lastProven(scene, long, long)
    },
  },
  {
    name: 'MF-05: every act that asks for both asks who has a factor for that, too',
    people: ['owner'],
    where: ({ route }) => route.options.stepUp === 'password-and-factor',
    decided: () => proof,
    ask: askForProof,
    begin: async (scene) => {
      const { test, people, clock } = scene.w
      const at = clock.now()
      await lastProven(scene, at, null)
      const app = {
        id: people.owner.id,
        user_id: people.owner.id,
        secret_sealed: 'x',
        confirmed_at: at,
        created_at: at,
      }
      await insert(test, 'authenticator_apps', app)
    },
  },
]
