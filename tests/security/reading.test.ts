import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { apiPrefix } from '../../server/platform/http/api-answer.js'
import { nameOf, ofTeams, reading, strongestOf, type Who } from './entrances.js'
import { type Answer, knock, send } from './knock.js'
import { allRows } from './rows.js'
import { type Scene, startScene } from './scene.js'

let scene: Scene
beforeAll(async () => {
  scene = await startScene()
})
afterAll(() => scene.close())

/** Two tests look at what the owner reads, and reading changes nothing (AZ-08), so it is read once. */
const alreadyRead = new Map<Who, Promise<Map<string, Answer>>>()
function everythingReadBy(who: Who): Promise<Map<string, Answer>> {
  const answers = alreadyRead.get(who) ?? readEverything(who)
  alreadyRead.set(who, answers)
  return answers
}

/** Every page and answer that somebody can read, with those that its links lead to. */
async function readEverything(who: Who): Promise<Map<string, Answer>> {
  const read = new Map<string, Answer>()
  for (const entrance of reading) read.set(nameOf(entrance), await knock(scene, entrance, who))
  const links = [...read.values()].flatMap(({ text }) => linksIn(text))
  for (const link of new Set(links.filter((path) => !path.startsWith('/assets/')))) {
    const face = link.startsWith(apiPrefix) ? 'api' : 'page'
    read.set(link, await send(scene.panel.url + link, { headers: scene.credentials(who, face) }))
  }
  return read
}

const linksIn = (html: string): string[] =>
  [...html.matchAll(/\s(?:href|hx-get|src|data-stream)="(\/[^"#]*)/g)].map(([, path = '']) =>
    path.replaceAll('&amp;', '&'),
  )

describe('reading', () => {
  it.each(['client', 'viewer', 'developer', 'owner'] as const)(
    'AZ-05: shows %s no secret, and nothing of others',
    async (who) => {
      const { acme, rival, w } = scene
      const { cookie, apiKey } = w.people[who]
      const others = Object.values(w.people).filter(({ id }) => id !== w.people[who].id)
      const hidden = [
        ...acme.secrets,
        ...rival.secrets,
        cookie.slice(cookie.indexOf('=') + 1),
        apiKey ?? '',
        ...others.map(({ csrfToken }) => csrfToken),
        '$argon2id',
        'PRIVATE KEY',
        'v1.',
        rival.serverId,
        rival.siteId,
        w.people.stranger.email,
      ]

      for (const [name, { status, text }] of await everythingReadBy(who)) {
        expect([name, status]).toEqual([name, expect.toSatisfy((code: number) => code < 500)])
        // The page that takes a private key has to name it.
        const shown = text.replaceAll(/placeholder="[^"]*"/g, '')
        expect([name, hidden.filter((secret) => shown.includes(secret))]).toEqual([name, []])
      }
    },
  )

  it('AZ-08, CS-10: changes nothing, by GET or by HEAD', async () => {
    const before = await allRows(scene.w)
    for (const entrance of reading) {
      await knock(scene, entrance, 'owner')
      const url = scene.panel.url + (await scene.address(entrance))
      await send(url, { method: 'HEAD', headers: scene.credentials('owner', entrance.face) })
    }
    expect(await allRows(scene.w)).toEqual(before)
  })

  it('CS-07, CS-08, CS-12: is let in by no other origin, framed by nobody and kept by no cache', async () => {
    for (const entrance of reading) {
      const headers = { ...scene.credentials('owner', entrance.face), origin: 'https://evil.example' }
      const answer = await send(scene.panel.url + (await scene.address(entrance)), { headers })
      const said = Object.fromEntries(answer.headers)

      expect(Object.keys(said).filter((name) => name.startsWith('access-control-'))).toEqual([])
      expect(said, nameOf(entrance)).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
      expect(said['content-security-policy']).toMatch(/frame-ancestors 'none'/)
      expect(said['content-security-policy']).not.toMatch(/unsafe-/)
    }
  })

  it('CS-07: answers no preflight', async () => {
    for (const entrance of ofTeams(reading)) {
      const headers = { origin: 'https://evil.example', 'access-control-request-method': 'PUT' }
      const answer = await send(scene.panel.url + (await scene.address(entrance)), { method: 'OPTIONS', headers })

      expect(answer.status, nameOf(entrance)).toBe(405)
      expect(answer.headers.get('access-control-allow-origin')).toBeNull()
    }
  })

  it('AZ-12: takes no parameter twice, none that it does not name, and no list or object for a text', async () => {
    for (const entrance of reading) {
      const names = ['id', ...Object.keys(entrance.route.options.query?.shape ?? {})]
      const queries = ['?sort=1;select+1', '?__proto__[a]=1', ...names.map((name) => `?${name}[]=1`)]
      const twice = names.map((name) => `?${name}=1&${name}=2`)
      const who = strongestOf(entrance)
      for (const query of [...queries, ...twice])
        expect([query, (await knock(scene, entrance, who, { query })).status]).toEqual([query, 400])
    }
  })

  it('LG-05: links to no address that bears a session, a token or a key', async () => {
    const { cookie, csrfToken, apiKey } = scene.w.people.owner
    const secrets = [cookie.slice(cookie.indexOf('=') + 1), csrfToken, apiKey ?? '', 'hst_', '_csrf']
    for (const [name, { text, headers }] of await everythingReadBy('owner')) {
      const links = [...linksIn(text), headers.get('location') ?? '']
      expect([name, links.filter((link) => secrets.some((secret) => link.includes(secret)))]).toEqual([name, []])
    }
  })
})
