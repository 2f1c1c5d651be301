import { type Entrance, everybody, expected, letIn, nameOf, neededAt } from './entrances.js'
import { knock } from './knock.js'
import type { Scene } from './scene.js'
import { table } from './walk.js'

/**
 * What was agreed for each of these, for people to read: what it needs, and what it answers to everybody. Who is refused is
 * asked about in policy-*.test.ts; here whoever is let in reads what there is to read.
 */
export async function answersOf(scene: Scene, list: readonly Entrance[]): Promise<string> {
  const answers = await table(list, everybody, async (entrance, who) => {
    const decided = expected(entrance, who)
    const isRead = decided === letIn && entrance.method === 'get'
    return isRead ? (await knock(scene, entrance, who)).status : decided
  })

  const sorted = [...list].sort((one, other) => nameOf(one).localeCompare(nameOf(other)))
  return sorted
    .map((entrance) => `${nameOf(entrance)} [${neededAt(entrance)}]\n  ${answers[nameOf(entrance)]}\n`)
    .join('')
}

export const isReadPage = ({ face, method }: Entrance): boolean => face === 'page' && method === 'get'
