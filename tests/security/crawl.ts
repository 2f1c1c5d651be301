import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBrowser } from '../support/browser.js'
import { needs } from '../support/parts.js'
import { nameOf, reading } from './entrances.js'
import { knock, queryOf } from './knock.js'
import { plantEverywhere } from './plant.js'
import { type Scene, startScene } from './scene.js'

/** What breaks out of texts, attributes, scripts and templates, in one. */
const hostile = `"'><img src=x onerror=window.pwned=1></script><script>window.pwned=1</script>{{7*7}}\${7*7}`

let scene: Scene

/** What pages are about, by their address. A file of tests for each: together they are two hundred pages. */
type Area = 'site' | 'team' | 'rest'
const areaOf = (path: string): Area => {
  if (!path.startsWith('/teams/')) return 'rest'
  return path.includes('/sites') ? 'site' : 'team'
}

export function crawls(area: Area): void {
  describe.skipIf(!needs('chromium'))(`every page in a browser, as the owner: ${area}`, () => {
    let browser: Browser
    beforeAll(async () => {
      scene = await startScene()
      browser = await startBrowser()
    })
    afterAll(async () => {
      await browser?.close()
      await scene?.close()
    })

    it('CS-11, XT-01, XT-02, XT-04: breaks no policy and runs nothing that a person, repository or machine wrote; on a phone, too', async () => {
      const planted = await plantEverywhere(scene.w, (column) =>
        /url$/.test(column) ? 'javascript:window.pwned=1' : hostile,
      )

      expect(planted).toEqual(
        expect.arrayContaining(['teams.name', 'users.name', 'sites.name', 'sites.repository_url']),
      )
      expect(planted.length).toBeGreaterThan(20)
      const { wrongs, visited } = await crawl(browser, area)
      expect(wrongs).toEqual([])
      expect(visited).toBeGreaterThan(10)
    })
  })
}

/** Opens every page of the area and everything there that it links to; says what was wrong with each. */
async function crawl(browser: Browser, area: Area): Promise<{ wrongs: string[]; visited: number }> {
  const context = await browser.newContext({ viewport: { width: 360, height: 800 } })
  const [name = '', value = ''] = scene.w.people.owner.cookie.split('=')
  await context.addCookies([{ name, value, url: scene.panel.url }])
  const page = await context.newPage()
  const wrongs: string[] = []
  let path = ''
  const wrong = (what: string) => wrongs.push(`${path}: ${what.slice(0, 1500)}`)
  // Some pages have to say that what was written into their rows is nonsense, and that is a 4xx.
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) wrong(message.text())
  })
  page.on('request', (request) => {
    const isOurs = /^(data:|.*\/assets\/)/.test(request.url())
    if (request.resourceType() === 'image' && !isOurs) wrong(`an image was written: ${request.url()}`)
  })
  page.on('pageerror', (error) => wrong(error.message))
  page.on('dialog', (dialog) => {
    wrong(`opened a dialog: ${dialog.message()}`)
    dialog.dismiss().catch(() => undefined)
  })

  const todo = (await wholePages(wrongs)).filter((url) => areaOf(url) === area)
  const seen = new Set<string>()
  for (path of todo) {
    if (seen.has(path)) continue
    seen.add(path)
    if (!(await isShown(page, scene.panel.url + path))) continue
    for (const what of (await page.evaluate(wrongsInside)) as string[]) wrong(what)
    todo.push(...((await page.evaluate(linksInside)) as string[]).filter((url) => areaOf(url) === area))
  }
  await context.close()
  console.log(area, seen.size)
  return { wrongs, visited: seen.size }
}

/** False for what is downloaded. */
async function isShown(page: Page, url: string): Promise<boolean> {
  try {
    await page.goto(url, { waitUntil: 'load' })
    return true
  } catch (error) {
    if (error instanceof Error && error.message.includes('Download is starting')) return false
    throw error
  }
}

/** Parts of pages have no scripts of their own, and what is downloaded is not shown. */
async function wholePages(wrongs: string[]): Promise<string[]> {
  const found: string[] = []
  for (const entrance of reading.filter(({ face }) => face === 'page')) {
    const { status, text } = await knock(scene, entrance, 'owner')
    if (status >= 500) wrongs.push(`${nameOf(entrance)} is a ${status}`)
    if (/^<!doctype html>/i.test(text)) found.push((await scene.address(entrance)) + queryOf(entrance))
  }
  return found
}

/** A text, because the compiler knows no DOM here. */
const wrongsInside = `
const widest = () => [...document.querySelectorAll('body *')]
  .filter((element) => element.getBoundingClientRect().right > innerWidth + 1).map((element) => element.outerHTML.slice(0, 120)).join(' > ');
[
  ...(document.documentElement.scrollWidth > innerWidth ? ['scrolls sideways on a phone: ' + widest()] : []),
  ...(window.pwned ? ['something that was written ran'] : []),
  ...[...document.querySelectorAll('*')].flatMap((element) =>
    [...element.attributes].filter(({ name }) => /^(on|hx-on|style$|srcdoc$)/.test(name)).map(({ name }) => element.tagName + ' has ' + name)),
  ...[...document.querySelectorAll('a[href], form[action]')].map((element) => element.href || element.action)
    .filter((url) => !/^(https?|ssh|mailto):/.test(url)).map((url) => 'leads to ' + url),
]`

/** The same page with another filter or cursor is no other page. */
const linksInside = `[...document.querySelectorAll('a[href^="/"]')].filter((link) => !link.download)
  .map((link) => link.getAttribute('href').split(/[#?]/)[0]).filter((path) => !path.startsWith('/api/'))`
