import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { addAuthenticator, startBrowser } from '../support/browser.js'
import { type PanelWorld, panelWorld } from '../support/panel-world.js'
import { needs } from '../support/parts.js'
import { password } from '../support/people.js'

/** Passkeys as people use them: our scripts, the library and Chromium with an authenticator of its own (WebAuthn over CDP). */
describe.skipIf(!needs('chromium'))('a passkey in Chromium', () => {
  let w: PanelWorld
  let browser: Browser
  beforeAll(async () => {
    w = await panelWorld()
    const { host } = w.services.config.baseUrl
    browser = await startBrowser(`--host-resolver-rules=MAP ${host} ${new URL(w.panel.url).host}`)
  })
  beforeEach(() => w.reset())
  afterAll(async () => {
    await browser?.close()
    await w?.close()
  })

  async function open(): Promise<{
    page: Page
    context: BrowserContext
    verifyUser: (yes: boolean) => Promise<unknown>
  }> {
    const context = await browser.newContext({ baseURL: w.services.config.baseUrl.origin })
    const page = await context.newPage()
    return { page, context, verifyUser: await addAuthenticator(page) }
  }

  const typePassword = async (page: Page, next = '') => {
    await page.goto(`/sign-in${next}`)
    await page.fill('[name=email]', 'owner@example.com')
    await page.fill('[name=password]', password)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  }
  const signOut = (page: Page) => page.context().clearCookies()

  it('is added, signs in alone, is the second factor, and confirms who is there', async () => {
    const { page, context } = await open()
    await typePassword(page)
    await page.waitForURL('**/teams/acme')
    await page.goto('/profile/sign-in')
    await page.fill('[name=name]', 'Laptop')
    await page.getByRole('button', { name: 'Add a passkey' }).click()
    await page.getByText('Your second factor is on').waitFor()

    await signOut(page)
    await page.goto('/sign-in?next=%2Fprofile')
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
    await page.waitForURL('**/profile')
    expect(await page.textContent('body')).toContain('owner@example.com')

    await signOut(page)
    await typePassword(page, '?next=%2Fprofile')
    await page.waitForURL('**/sign-in/factor?next=%2Fprofile')
    await page.getByRole('button', { name: 'Use a passkey' }).click()
    await page.waitForURL('**/profile')

    await page.goto('/profile/proof?next=%2Fprofile%2Fsessions')
    await page.getByRole('button', { name: 'Use a passkey' }).click()
    await page.waitForURL('**/profile/sessions')
    await context.close()
  })

  it('MF-06: is not used when the device does not know its user, and the page says so', async () => {
    const { page, context, verifyUser } = await open()
    await verifyUser(false)
    await page.goto('/sign-in')
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click()

    await page.getByText('No passkey was used').waitFor()
    await context.close()
  })

  it('leads to where the password is asked for again when that was long ago', async () => {
    const { page, context } = await open()
    const [name = '', value = ''] = w.people.owner.cookie.split('=')
    await context.addCookies([{ name, value, url: w.services.config.baseUrl.origin }])
    await page.goto('/profile/sign-in')
    w.clock.advance(11 * 60_000)
    await page.fill('[name=name]', 'Laptop')
    await page.getByRole('button', { name: 'Add a passkey' }).click()
    await page.waitForURL('**/profile/proof?next=%2Fprofile%2Fsign-in&both=yes')
    await page.fill('[name=password]', password)
    await page.getByRole('button', { name: 'Confirm' }).click()
    await page.waitForURL('**/profile/sign-in')
    await context.close()
  })
})
