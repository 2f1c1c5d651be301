import { type Page, startTestPanel, type TestPanel } from './panel.js'
import { type Name, type World, world } from './people.js'

/** The people with the whole panel. */
export interface PanelWorld extends World {
  panel: TestPanel
  /** A page as that person sees it. */
  visit(name: Name, path: string): Promise<Page>
}

export async function panelWorld(): Promise<PanelWorld> {
  const w = await world()
  const panel = await startTestPanel(w)
  return {
    ...w,
    get people() {
      return w.people
    },
    panel,
    visit: (name, path) => panel.browser(w.people[name].cookie).get(path),
    close: async () => {
      await panel.close()
      await w.close()
    },
  }
}
