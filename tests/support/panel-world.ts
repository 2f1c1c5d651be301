import type { Services } from '../../server/platform/services.js'
import { type Page, startTestPanel, type TestPanel } from './panel.js'
import { type Name, type TestPerson, type World, world } from './people.js'

/** The people with the whole panel. */
export interface PanelWorld extends World {
  panel: TestPanel
  /** A page as that person sees it. */
  visit(name: Name, path: string): Promise<Page>
  /** What the API answers to their key about acme. */
  api(name: Name, method: string, path: string, body?: unknown): Promise<Answer>
}

export interface Answer {
  status: number
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: an answer is what the test says it is
  json: any
}

export async function askApi(
  panel: TestPanel,
  person: TestPerson,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer> {
  const response = await fetch(`${panel.url}/api/v1/teams/acme${path}`, {
    method,
    headers: { authorization: `Bearer ${person.apiKey}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, text, json: text.startsWith('{') ? JSON.parse(text) : null }
}

/** @param changes as of `world` */
export async function panelWorld(changes: Partial<Services> = {}): Promise<PanelWorld> {
  const w = await world(changes)
  const panel = await startTestPanel(w)
  return {
    ...w,
    get people() {
      return w.people
    },
    panel,
    visit: (name, path) => panel.browser(w.people[name].cookie).get(path),
    api: (name, method, path, body) => askApi(panel, w.people[name], method, path, body),
    close: async () => {
      await panel.close()
      await w.close()
    },
  }
}
