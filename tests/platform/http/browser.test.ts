import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../../../server/platform/net.js'
import { startBrowser } from '../../support/browser.js'
import { needs } from '../../support/parts.js'
import { asked, galleryRoutes, galleryShell } from './gallery.js'
import { type Panel, startPanel, tokenOf } from './panel.js'
import { noteRoutes } from './routes.js'

let panel: Panel
let browser: Browser
let wrongs: string[] = []
let shared: BrowserContext | undefined

describe.skipIf(!needs('chromium'))('in a browser', () => {
  beforeAll(async () => {
    const port = await freePort()
    panel = await startPanel([...galleryRoutes, ...noteRoutes], {
      shellOf: galleryShell,
      port,
      baseUrl: `http://127.0.0.1:${port}`,
    })
    browser = await startBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await panel?.close()
  })

  test.each([
    [1280, 'light'],
    [1280, 'dark'],
    [390, 'light'],
    [390, 'dark'],
    [360, 'light'],
  ] as const)(
    'CS-11: every component at %i px, %s, breaks no policy and does not scroll sideways',
    async (width, colorScheme) => {
      const page = await open('/gallery', { viewport: { width, height: 900 }, colorScheme })

      await expect.poll(() => page.locator('#running').textContent()).toContain('2 running')
      expect(await page.getAttribute('html', 'data-bs-theme')).toBe(colorScheme)
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0)
      expect(wrongs).toEqual([])
      await page.close()
    },
  )

  test('CS-04: every element that htmx sends for bears the token', async () => {
    const page = await open('/gallery')
    const tokens: (string | undefined)[] = []
    await page.route('**/probe', async (route) => {
      tokens.push(route.request().headers()['x-csrf-token'])
      await route.fulfill({ status: 204 })
    })

    await insert(
      page,
      ['post', 'put', 'patch', 'delete']
        .map((verb) => `<div><button class="probe" hx-${verb}="/probe">x</button></div>`)
        .join(''),
    )
    for (const button of await page.locator('.probe').all()) await button.click()

    await expect.poll(() => tokens).toEqual(Array(4).fill(tokenOf('ada')))
    await page.close()
  })

  test('a part that waits for what runs asks again when that has changed, and not before', async () => {
    const page = await open('/gallery')
    await expect.poll(() => page.locator('#running').textContent()).toContain('2 running')
    const html = (body: string) => ({ body, contentType: 'text/html' })
    let looks = 0
    await page.route('**/probe', (route) => route.fulfill(html(`look ${++looks}`)))
    let running = '<ul><li id="running-1">One</li></ul>'
    await page.route('**/gallery/running', (route) => route.fulfill(html(running)))
    await insert(page, '<div class="probe" hx-get="/probe" hx-trigger="running-changed from:body">x</div>')
    const ask = () => page.evaluate("htmx.ajax('GET', '/gallery/running', { target: '#running', swap: 'innerMorph' })")
    const shown = () => expect.poll(() => page.locator('.probe').textContent(), { timeout: 5000 })

    await ask()
    await shown().toBe('look 1')
    await ask()
    running = ''
    await ask()
    await shown().toBe('look 2')
    running = '<span id="newest-2" hidden></span>'
    await ask()
    await shown().toBe('look 3')
    await ask()

    expect(looks).toBe(3)
    await page.close()
  })

  test('XT-03: code in attributes does not run', async () => {
    const page = await open('/gallery')
    const bodies: (string | null)[] = []
    await page.route('**/probe', async (route) => {
      bodies.push(route.request().postData())
      await route.fulfill({ status: 204 })
    })

    await insert(
      page,
      '<button class="probe" hx-post="/probe" hx-vals="js:{a: window.ran = 1}" hx-on:click="window.ran = 2">x</button>',
    )
    await page.click('.probe')
    await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))')

    expect(await page.evaluate('window.ran')).toBeUndefined()
    expect(bodies).toEqual([])
    await page.close()
  })

  test('XT-08: log lines are text, and the stream goes on where it was left', async () => {
    const page = await open('/gallery')

    const last = page.locator('.log-line').last()
    await expect.poll(() => last.locator('span').textContent()).toBe('after 43 <script>alert(1)</script>')
    await page.evaluate("log = document.querySelector('hostler-log'); log.close(); log.open()")
    await expect.poll(() => last.locator('span').textContent()).toBe('after 44 <script>alert(1)</script>')
    expect(wrongs).toEqual([])
    await page.close()
  })

  test('the log stops following when one scrolls up and follows again at the end; finding counts', async () => {
    const page = await open('/gallery')
    const lines = page.locator('.log-lines')
    const follow = page.locator('[data-tool="follow"]')
    await expect.poll(() => page.locator('.log-line').count()).toBe(44)

    await lines.evaluate((element) => element.scrollBy(0, -200))
    await expect.poll(() => follow.getAttribute('aria-pressed')).toBe('false')
    await lines.evaluate((element) => element.scrollTo(0, element.scrollHeight))
    await expect.poll(() => follow.getAttribute('aria-pressed')).toBe('true')
    await page.fill('.log-find input', 'step-1')
    await expect.poll(() => page.locator('.log-find output').textContent()).toBe('1 of 11')
    await page.close()
  })

  test('charts are drawn from the table below them, and their library is fetched once one is seen', async () => {
    const page = await open('/gallery')
    const chart = page.locator('hostler-charts')
    const height = async () => (await chart.boundingBox())?.height
    expect(await page.evaluate('typeof Chart')).toBe('undefined')
    const before = await height()

    await chart.scrollIntoViewIfNeeded()

    const drawn = () => page.evaluate("window.Chart?.getChart(document.querySelector('canvas'))?.data.datasets[0].data")
    await expect.poll(drawn).toEqual([48_000, 12_400, 0])
    expect(await height()).toBe(before)
    expect(wrongs).toEqual([])
    await page.close()
  })

  test('⌘K finds and leads on by keyboard alone', async () => {
    const page = await open('/gallery')

    await page.keyboard.press('Control+k')
    await page.locator('#palette-results a').first().waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')

    expect(await page.locator('#palette-results a.is-chosen').textContent()).toBe('shop-staging')
    await page.keyboard.press('Escape')
    expect(await page.locator('#palette').isVisible()).toBe(false)
    await page.close()
  })

  test('a destroying act needs the name typed', async () => {
    const page = await open('/gallery')

    await page.getByRole('button', { name: 'Delete site' }).click()
    const submit = page.getByRole('dialog').getByRole('button', { name: 'Delete site' })
    expect(await submit.isDisabled()).toBe(true)
    await page.keyboard.type('shop')
    expect(await submit.isEnabled()).toBe(true)
    await page.close()
  })

  test('without JavaScript a form is refused, corrected and saved, with its message', async () => {
    const page = await open('/gallery', { javaScriptEnabled: false })

    await page.fill('#field-name', 'Shop!')
    await page.getByRole('button', { name: 'Save changes' }).click()
    expect(await page.locator('#error-name').textContent()).toContain('Use lower case letters')
    expect(await page.inputValue('#field-name')).toBe('Shop!')
    await page.fill('#field-name', 'shop-two')
    await page.getByRole('button', { name: 'Save changes' }).click()

    expect(await page.locator('.notice').textContent()).toContain('The settings were saved')
    expect(asked.posts.at(-1)).toBe('shop-two')
    await page.close()
  })

  test('changed fields show that they are not saved', async () => {
    const page = await open('/gallery')

    await page.fill('#field-name', 'other')
    expect(await page.getByText('Unsaved changes').isVisible()).toBe(true)
    await page.fill('#field-name', 'shop')
    expect(await page.getByText('Unsaved changes').isVisible()).toBe(false)
    await page.close()
  })
})

/** Puts elements into the page as a swap would. Expressions are texts, because the compiler knows no DOM here. */
const insert = (page: Page, html: string) =>
  page.evaluate(
    `main = document.querySelector('#main'); main.insertAdjacentHTML('beforeend', ${JSON.stringify(html)}); htmx.process(main)`,
  )

/** A signed-in page of its own; what the console complains about, policy violations included, is kept. */
async function open(path: string, options?: Parameters<Browser['newContext']>[0]): Promise<Page> {
  wrongs = []
  // Pages without wishes share a context, and so its cache.
  shared ??= await browser.newContext()
  const context = options ? await browser.newContext(options) : shared
  await context.addCookies([{ name: 'hostler-session', value: 'ada', url: panel.url }])
  const page = await context.newPage()
  page.on('console', (message) => message.type() === 'error' && wrongs.push(message.text()))
  page.on('pageerror', (error) => wrongs.push(error.message))
  await page.goto(panel.url + path)
  return page
}
