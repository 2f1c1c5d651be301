import type { Decided, Entrance, Who } from '../entrances.js'
import type { Scene } from '../scene.js'
import { decision, table } from '../walk.js'

export const proof = 'asked for a proof'

/** What becomes of the policy while something is so that is usually not. */
export interface Situation {
  readonly name: string
  /** Who it is about, and who it must not change anything for. */
  readonly people: readonly Who[]
  /** Where it is looked at. */
  readonly where: (entrance: Entrance) => boolean
  readonly decided: (entrance: Entrance, who: Who) => Decided | typeof proof
  /** What is asked; left out: whether they are let in. */
  readonly ask?: (scene: Scene, entrance: Entrance, who: Who) => Promise<number | string>
  /** Makes it so, in the database: `reset` of the scene ends it. */
  begin(scene: Scene): Promise<unknown>
}

/** What is found in it at these entrances, and what the policy says. */
export async function lookAt(scene: Scene, { ask = decision, people, decided }: Situation, list: readonly Entrance[]) {
  return [
    await table(list, people, (entrance, who) => ask(scene, entrance, who)),
    await table(list, people, async (entrance, who) => decided(entrance, who)),
  ] as const
}
