import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { needs } from '../support/parts.js'
import { bringAxe, faultsOf } from './axe.js'
import { type Gallery, startGallery } from './gallery.js'
import { patienceMs } from './stage.js'

let gallery: Gallery
let page: Page

describe.skipIf(!needs('chromium'))('axe finds nothing', { timeout: patienceMs }, () => {
  beforeAll(async () => {
    gallery = await startGallery()
    page = gallery.page
    await bringAxe(page.context())
  })
  afterAll(() => gallery?.close())

  test('in any component, and sees what is wrong', async () => {
    await open()

    expect(await faultsOf(page)).toEqual([])
    await page.evaluate(`document.querySelector('h1').insertAdjacentHTML('beforeend', '<button></button>')`)
    expect((await faultsOf(page)).join()).toContain('button-name at h1 > button')
  })

  test('in a form that was changed, nor in one that was refused', async () => {
    await open()

    await page.fill('#field-name', 'Shop!')
    expect(await faultsOf(page)).toEqual([])
    await page.getByRole('button', { name: 'Save changes' }).click()
    await page.locator('#error-name').waitFor()
    expect(await faultsOf(page)).toEqual([])
  })

  test('in a log with times in which something was found', async () => {
    await open()

    await page.fill('.log-find input', 'step-1')
    await page.click('[data-tool="times"]')
    await page.locator('.is-chosen').waitFor()
    expect(await faultsOf(page)).toEqual([])
  })

  test('in the open palette, dialogs and menus', async () => {
    await open()

    await page.keyboard.press('Control+k')
    await page.locator('#palette-results a').first().waitFor()
    await page.keyboard.press('ArrowDown')
    expect(await faultsOf(page)).toEqual([])
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Delete site' }).click()
    expect(await faultsOf(page)).toEqual([])
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Open the menu' }).click()
    await page.click('.account-menu summary')
    expect(await faultsOf(page)).toEqual([])
    await page.getByRole('button', { name: 'Keyboard shortcuts' }).click()
    expect(await faultsOf(page)).toEqual([])
  })
})

async function open() {
  await page.setViewportSize({ width: 1280, height: 900 })
  await page.goto('/gallery')
}
