import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { needs } from '../support/parts.js'
import { type Gallery, startGallery } from './gallery.js'

let gallery: Gallery
let page: Page

describe.skipIf(!needs('chromium'))('by keyboard alone', () => {
  beforeAll(async () => {
    gallery = await startGallery()
    page = gallery.page
  })
  afterAll(() => gallery?.close())

  // Low enough that most has to be scrolled to.
  test.each([1280, 390])('everything at %i px is reached, shows it, and is not covered', async (width) => {
    await page.setViewportSize({ width, height: 420 })
    await page.goto('/gallery')
    if (width === 390) await page.click('.topbar button')
    const count = (await page.evaluate(remember)) as number

    expect(count).toBeGreaterThan(30)
    for (const way of ['Tab', 'Shift+Tab']) for (let i = 0; i < count + 1; i++) await step(way)
    expect(await page.evaluate('wrongs()')).toEqual([])
  })

  test('? lists the shortcuts, but not in a field, and not for who switched it off', async () => {
    await page.setViewportSize({ width: 1280, height: 700 })
    await page.goto('/gallery')
    const list = page.getByRole('dialog', { name: 'Keyboard shortcuts' })

    await page.locator('#field-name').press('?')
    expect(await list.isVisible()).toBe(false)
    await page.locator('#main').press('?')
    expect(await list.isVisible()).toBe(true)
    await list.getByRole('checkbox').uncheck()
    await page.keyboard.press('Escape')
    await page.reload()
    await page.keyboard.press('?')
    expect(await list.isVisible()).toBe(false)
    await page.click('.account-menu summary')
    await page.getByRole('button', { name: 'Keyboard shortcuts' }).click()
    expect(await list.isVisible()).toBe(true)
  })
})

async function step(key: string) {
  await page.keyboard.press(key)
  await page.evaluate('arrive()')
}

/** A text, because the compiler knows no DOM here. What changes with the focus may be the element's own look or that around it. */
const remember = `
const interactive = 'a[href], button, input, select, textarea, summary, [tabindex="0"]'
const isThere = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.disabled && element.type !== 'hidden'
const isOneOf = (radio) => radio.type !== 'radio' || radio.checked
const look = (element) => [element, element.parentElement, element.parentElement.parentElement].map((one) => {
  const { outline, boxShadow, borderColor, backgroundColor } = getComputedStyle(one)
  return [outline, boxShadow, borderColor, backgroundColor].join()
}).join()
const name = (element) => element.outerHTML.slice(0, 120)
const looks = new Map([...document.querySelectorAll(interactive)].filter(isThere).filter(isOneOf).map((element) => [element, look(element)]))
const reached = new Set()
const bad = new Set()
window.arrive = () => {
  const element = document.activeElement
  if (!looks.has(element)) return
  reached.add(element)
  if (look(element) === looks.get(element)) bad.add('does not show the focus: ' + name(element))
  const { left, top, width, height } = element.getBoundingClientRect()
  const seen = document.elementFromPoint(left + width / 2, top + height / 2)
  if (!element.contains(seen) && !seen?.contains(element)) bad.add('is covered by ' + (seen && name(seen)) + ': ' + name(element))
}
window.wrongs = () => [...bad, ...[...looks.keys()].filter((element) => !reached.has(element)).map((element) => 'is not reached: ' + name(element))]
looks.size`
