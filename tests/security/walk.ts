import type { TestPanel } from '../support/panel.js'
import { type Entrance, everybody, expected, letIn, nameOf, type Who } from './entrances.js'
import { type Knock, knock } from './knock.js'
import type { Scene } from './scene.js'
import { send } from './send.js'

/**
 * Whether somebody is let in, without anything being done: a parameter that no route has is refused with 400, right
 * after the caller and the token were found good and before the handler runs.
 */
const probe = { query: '?no-such-parameter=1' }

export async function decision(at: Scene, entrance: Entrance, who: Who, how: Knock = {}): Promise<string | number> {
  const headers = { ...(await visitorsHeaders(at, entrance, who)), ...how.headers }
  const { status, text } = await knock(at, entrance, who, { ...probe, ...how, headers })
  return status === 400 && text.includes('There is no parameter') ? letIn : status
}

/** Whose session opens nothing gets a page's token as a visitor does, and still sends that session. */
async function visitorsHeaders(at: Scene, { face }: Entrance, who: Who): Promise<Record<string, string>> {
  if (face === 'api' || (who !== 'nobody' && who !== 'suspended')) return {}
  const token = await visitorToken(at)
  const cookies = [at.credentials(who, face).cookie, token.cookie]
  return { ...token, cookie: cookies.filter((cookie) => cookie !== undefined).join('; ') }
}

/** One visitor does for all: who they are is in the cookie alone. */
const visitors = new WeakMap<TestPanel, Promise<Record<string, string>>>()

function visitorToken({ panel }: Scene): Promise<Record<string, string>> {
  const token = visitors.get(panel) ?? visit(panel)
  visitors.set(panel, token)
  return token
}

async function visit({ url }: TestPanel): Promise<Record<string, string>> {
  const { headers, text } = await send(`${url}/sign-in`)
  const token = /name="csrf-token" content="([^"]*)"/.exec(text)?.[1] ?? ''
  return { cookie: headers.getSetCookie()[0]?.split(';')[0] ?? '', 'x-csrf-token': token }
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
