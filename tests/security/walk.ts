import { type Entrance, everybody, expected, letIn, nameOf, type Who } from './entrances.js'
import { knock } from './knock.js'
import type { Scene } from './scene.js'

/**
 * Whether somebody is let in, without anything being done: a parameter that no route has is refused with 400, right
 * after the caller and the token were found good and before the handler runs.
 */
const probe = { query: '?no-such-parameter=1' }

export async function decision(at: Scene, entrance: Entrance, who: Who, headers: Record<string, string> = {}) {
  const token: Record<string, string> = who === 'nobody' && entrance.face === 'page' ? await visitorToken(at) : {}
  const { status, text } = await knock(at, entrance, who, { ...probe, headers: { ...token, ...headers } })
  return status === 400 && text.includes('There is no parameter') ? letIn : status
}

async function visitorToken({ panel }: Scene): Promise<Record<string, string>> {
  const page = await fetch(`${panel.url}/sign-in`)
  const token = /name="csrf-token" content="([^"]*)"/.exec(await page.text())?.[1] ?? ''
  return { cookie: page.headers.getSetCookie()[0]?.split(';')[0] ?? '', 'x-csrf-token': token }
}

/** What is decided about everybody at each of these entrances. */
export const walk = (at: Scene, list: readonly Entrance[], people: readonly Who[] = everybody) =>
  table(list, people, (entrance, who) => decision(at, entrance, who))

/** What has to be decided; `as` says what somebody has become. */
export const policy = (list: readonly Entrance[], people: readonly Who[] = everybody, as = (who: Who) => who) =>
  table(list, people, async (entrance, who) => expected(entrance, as(who)))

export async function table(
  list: readonly Entrance[],
  people: readonly Who[],
  cell: (entrance: Entrance, who: Who) => Promise<string | number>,
): Promise<Record<string, string>> {
  const rows: Record<string, string> = {}
  for (const entrance of list) {
    const cells = await Promise.all(people.map(async (who) => `${who} ${await cell(entrance, who)}`))
    rows[nameOf(entrance)] = cells.join(', ')
  }
  return rows
}
