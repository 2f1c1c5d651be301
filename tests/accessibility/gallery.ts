import type { Page } from 'playwright-core'
import { freePort } from '../../server/platform/net.js'
import { galleryRoutes, galleryShell } from '../platform/http/gallery.js'
import { startPanel } from '../platform/http/panel.js'
import { startBrowser } from '../support/browser.js'

export interface Gallery {
  readonly page: Page
  close(): Promise<void>
}

/** A page of the panel that has every component, in a browser. */
export async function startGallery(): Promise<Gallery> {
  const port = await freePort()
  const baseUrl = `http://127.0.0.1:${port}`
  const panel = await startPanel(galleryRoutes, { shellOf: galleryShell, port, baseUrl })
  const browser = await startBrowser()
  const context = await browser.newContext({ baseURL: baseUrl, reducedMotion: 'reduce' })
  await context.addCookies([{ name: 'hostler-session', value: 'ada', url: baseUrl }])
  const close = async () => {
    await browser.close()
    await panel.close()
  }
  return { page: await context.newPage(), close }
}
