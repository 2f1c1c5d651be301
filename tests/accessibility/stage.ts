import type { Page, Request } from 'playwright-core'
import type { Who } from '../security/entrances.js'
import { type Scene, startScene } from '../security/scene.js'
import { startBrowser } from '../support/browser.js'
import { bringAxe, faultsOf, twoLooks } from './axe.js'

/** A page, or wherever one is, and what is done there before it is looked at. */
export interface Stop {
  readonly path?: string
  readonly status?: number
  readonly act?: (page: Page) => Promise<unknown>
  /** Left out: on a desk and on a phone. */
  readonly at?: typeof twoLooks
}

/** The panel with one of everything, in a browser that finds it at its own address, so that forms are taken. */
export interface Stage {
  readonly scene: Scene
  faults(who: Who, stops: readonly Stop[]): Promise<string[]>
  close(): Promise<void>
}

/** Seconds alone on a machine; on a busy one axe takes ten times as long. */
export const patienceMs = 240_000

const desk = { width: 1280, height: 900 }

export async function startStage(): Promise<Stage> {
  const scene = await startScene()
  const address = scene.w.services.config.baseUrl
  const browser = await startBrowser(
    `--host-resolver-rules=MAP ${address.host} ${new URL(scene.panel.url).host}`,
    // Each page has axe anew and runs it a few times: to optimize it costs more than that gains.
    '--js-flags=--no-opt',
  )

  const pages = await Promise.all([newPage(), newPage()])
  async function newPage() {
    const context = await browser.newContext({ baseURL: address.origin, viewport: desk, reducedMotion: 'reduce' })
    await bringAxe(context)
    return context.newPage()
  }

  async function become(who: Who, page: Page) {
    await page.goto('about:blank')
    await page.context().clearCookies()
    const [name = '', value = ''] = scene.credentials(who, 'page').cookie?.split('=') ?? []
    if (name) await page.context().addCookies([{ name, value, url: address.origin }])
  }

  return {
    scene,
    // Two at a time: each has a process of its own, and axe keeps it busy.
    faults: async (who, stops) => {
      const todo = [...stops]
      const walk = async (page: Page) => {
        const found: string[] = []
        if (todo.length > 0) await become(who, page)
        for (let stop = todo.shift(); stop; stop = todo.shift()) found.push(...(await faultsAt(page, stop)))
        return found
      }
      return (await Promise.all(pages.map(walk))).flat()
    },
    close: async () => {
      await browser.close()
      await scene.close()
    },
  }
}

/**
 * What a form that `script` sends was answered with, once that page has loaded. Its own answer is awaited: htmx notes
 * where one is in the history when it starts, and a browser calls that going somewhere, too.
 */
export async function submitted(page: Page, script: string) {
  const isSending = (request: Request) => request.isNavigationRequest() && request.method() === 'POST'
  const [answer] = await Promise.all([
    page.waitForResponse((response) => isSending(response.request())),
    page.waitForEvent('load'),
    page.evaluate(script),
  ])
  return answer
}

async function faultsAt(page: Page, { path, status = 200, act, at = twoLooks }: Stop) {
  if (path !== undefined) {
    await page.setViewportSize(desk)
    const answer = await page.goto(path)
    if (answer?.status() !== status) return [`${path} is a ${answer?.status()}`]
  }
  await act?.(page)
  return (await faultsOf(page, at)).map((fault) => `${page.url()} at ${fault}`)
}
