import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { apiPrefix } from '../../server/platform/http/api-answer.js'
import type { Name } from '../support/people.js'
import { eachOf } from './at-once.js'
import { nameOf, reading } from './entrances.js'
import { knock } from './knock.js'
import { type Scene, startScene } from './scene.js'
import { type Answer, send } from './send.js'

/** All that these can read, with what its links lead to. A file of tests for some: together they are a thousand pages. */
export function showsNoSecret(people: readonly Name[]): void {
  let scene: Scene
  beforeAll(async () => {
    scene = await startScene()
  })
  afterAll(() => scene.close())

  /** Two tests look at what somebody reads, and reading changes nothing (AZ-08), so it is read once. */
  const alreadyRead = new Map<Name, Promise<Map<string, Answer>>>()
  function everythingReadBy(who: Name): Promise<Map<string, Answer>> {
    const answers = alreadyRead.get(who) ?? readEverything(who)
    alreadyRead.set(who, answers)
    return answers
  }

  /** Every page and answer that somebody can read, with those that its links lead to. */
  async function readEverything(who: Name): Promise<Map<string, Answer>> {
    const read = await eachOf(
      reading,
      async (entrance) => [nameOf(entrance), await knock(scene, entrance, who)] as const,
    )
    const links = read.flatMap(([, { text }]) => linksIn(text)).filter((path) => !path.startsWith('/assets/'))
    const followed = await eachOf([...new Set(links)], async (link) => {
      const headers = scene.credentials(who, link.startsWith(apiPrefix) ? 'api' : 'page')
      return [link, await send(scene.panel.url + link, { headers })] as const
    })
    return new Map([...read, ...followed])
  }

  const linksIn = (html: string): string[] =>
    [...html.matchAll(/\s(?:href|hx-get|src|data-stream)="(\/[^"#]*)/g)].map(([, path = '']) =>
      path.replaceAll('&amp;', '&'),
    )

  describe('reading', () => {
    it.each(people)('AZ-05: shows %s no secret, and nothing of others', async (who) => {
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
    })

    it.each(people)('LG-05: leads %s to no address that bears a session, a token or a key', async (who) => {
      const { cookie, csrfToken, apiKey } = scene.w.people[who]
      const secrets = [cookie.slice(cookie.indexOf('=') + 1), csrfToken, apiKey ?? '', 'hst_', '_csrf']
      for (const [name, { text, headers }] of await everythingReadBy(who)) {
        const links = [...linksIn(text), headers.get('location') ?? '']
        expect([name, links.filter((link) => secrets.some((secret) => link.includes(secret)))]).toEqual([name, []])
      }
    })
  })
}
