import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifyLog } from '../../server/audit/audit.js'
import { invite } from '../../server/invitations/invitations.js'
import { paths } from '../../server/paths.js'
import { changeTeamRules } from '../../server/sign-in-rules/sign-in-rules.js'
import { addAuthenticator, startBrowser } from '../support/browser.js'
import { type MailWorld, mailWorld } from '../support/mail-world.js'
import { startProvider, type TestProvider } from '../support/oidc-provider.js'
import { startTestPanel, type TestPanel } from '../support/panel.js'
import { needs } from '../support/parts.js'
import { connectTo, reservedRedirect } from '../support/sign-in-world.js'
import { createClientRole, seedSites } from './client-site.js'

/**
 * The story of an agency's client, in Chromium: invited to one site, signs in by their company's OpenID provider and with a
 * passkey, sees one site, is removed.
 */
describe.skipIf(!needs('chromium'))('a client who signs in by their company', () => {
  let w: MailWorld
  let panel: TestPanel
  let provider: TestProvider
  let browser: Browser
  let connection: string

  beforeAll(async () => {
    w = await mailWorld({ clock: () => new Date() })
    panel = await startTestPanel(w)
    const { reserved, redirectUrl } = reservedRedirect(w)
    provider = await startProvider(redirectUrl, { sub: 'carla-7', email: 'carla@client.example', name: 'Carla' })
    connection = await connectTo(w, provider, { reserved, name: 'Client Inc' })
    const { host } = w.services.config.baseUrl
    browser = await startBrowser(`--host-resolver-rules=MAP ${host} ${new URL(panel.url).host}`)
  })
  afterAll(async () => {
    await browser?.close()
    await provider?.close()
    await panel?.close()
    await w?.close()
  })

  it('AZ-09, AZ-10, LG-06: sees one site in page, API and search, and is out of every tab within five seconds', async () => {
    const { operation } = await seedSites(w)
    const { id: role } = await createClientRole(w)
    await changeTeamRules(await w.ctx('owner'), { requiresFactor: true, idleMinutes: null, longestHours: null })
    // The rule binds the owner, too.
    await w.test.query(
      `insert into authenticator_apps (id, user_id, secret_sealed, confirmed_at, created_at) values ($1, $1, 'x', now(), now())`,
      [w.people.owner.id],
    )
    await invite(await w.ctx('owner'), { email: 'carla@client.example', role, on: 'site', thing: 'shop' })
    await w.deliver()

    const carla = await browser.newContext({ baseURL: w.services.config.baseUrl.origin })
    const page = await carla.newPage()
    await addAuthenticator(page)
    await joinByCompany(page, w.link())
    await setUpPasskey(page)
    await signInAgain(carla, page)
    await seesTheShopAlone(page)

    const shown = [paths.sites('acme'), paths.site('acme', 'shop'), paths.operation('acme', operation)]
    const tabs = await Promise.all(shown.map((path) => openTab(carla, path)))
    const boss = await owner()
    await removeFromTeam(boss, 'Carla')
    const removedAt = performance.now()
    await Promise.all(tabs.map((tab) => tab.getByText('There is no such page').waitFor()))
    expect(performance.now() - removedAt).toBeLessThan(5000)
    for (const tab of tabs) expect(await tab.content()).not.toContain('shop')

    await tellsAll(boss)
    await findsTheChangedRow()
  })

  async function joinByCompany(page: Page, link: URL): Promise<void> {
    await page.goto(link.pathname + link.search)
    await page.getByRole('button', { name: 'Go on with Client Inc' }).click()
    // The team asks for a second factor, and they have none yet.
    await page.getByText('Acme requires a second factor').waitFor()
    await page.getByRole('link', { name: 'Set up a second factor' }).click()
  }

  async function setUpPasskey(page: Page): Promise<void> {
    await page.fill('[name=name]', 'Laptop')
    await page.getByRole('button', { name: 'Add a passkey' }).click()
    await page.getByText('Your second factor is on').waitFor()
  }

  async function signInAgain(context: BrowserContext, page: Page): Promise<void> {
    await context.clearCookies()
    await page.goto(paths.signInBy(connection))
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.waitForURL('**/sign-in/factor**')
    await page.getByRole('button', { name: 'Use a passkey' }).click()
    await page.waitForURL('**/teams/acme')
  }

  async function seesTheShopAlone(page: Page): Promise<void> {
    for (const path of [paths.team('acme'), paths.sites('acme'), `${paths.search('acme')}?q=`]) {
      await page.goto(path)
      const text = await page.content()
      expect([path, text.includes('shop'), text.includes('blog')]).toEqual([path, true, false])
    }
    // `as`: what the API answers is checked by its own tests.
    const list = (await page.evaluate(async () => (await fetch('/api/v1/teams/acme/sites')).json())) as {
      items: { slug: string }[]
    }
    expect(list.items.map(({ slug }) => slug)).toEqual(['shop'])
    expect((await page.goto(paths.site('acme', 'blog')))?.status()).toBe(404)
  }

  async function openTab(context: BrowserContext, path: string): Promise<Page> {
    const tab = await context.newPage()
    await tab.goto(path)
    await tab.locator('main').getByText('shop').first().waitFor()
    return tab
  }

  async function owner(): Promise<Page> {
    const context = await browser.newContext({ baseURL: w.services.config.baseUrl.origin })
    const [name = '', value = ''] = w.people.owner.cookie.split('=')
    await context.addCookies([{ name, value, url: w.services.config.baseUrl.origin }])
    return context.newPage()
  }

  async function removeFromTeam(page: Page, name: string): Promise<void> {
    await page.goto(paths.members('acme'))
    await page.getByRole('row', { name }).getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('button', { name: 'Remove member' }).click()
    await page.getByText(`${name} is no longer in the team`).waitFor()
  }

  async function tellsAll(page: Page): Promise<void> {
    await page.goto(paths.audit('acme'))
    const told = (await page.textContent('main'))?.replaceAll(/\s+/g, ' ') ?? ''
    const story = [
      'Owner removed Carla from the team',
      'Carla signed in by Client Inc',
      'Carla joined Acme with the role Client, invited by Owner',
      'Owner invited carla@client.example with the role Client on shop',
      'Owner made the role Client',
      'Owner let people sign in by Client Inc',
    ]
    const places = story.map((sentence) => told.indexOf(sentence))
    expect(places).not.toContain(-1)
    // The newest comes first.
    expect(places).toEqual(places.toSorted((one, other) => one - other))
  }

  async function findsTheChangedRow(): Promise<void> {
    const verdict = async () => new Map((await verifyLog(w.services)).verdicts).get(w.acme.id)
    expect(await verdict()).toMatchObject({ ok: true })
    const [row] = await w.test.query<{ sequence: number }>(
      `update events set actor_name = 'Nobody' where type = 'member.removed' and team_id = $1 returning sequence`,
      [w.acme.id],
    )
    expect(await verdict()).toEqual({ ok: false, sequence: row?.sequence, why: 'It was altered' })
  }
})
