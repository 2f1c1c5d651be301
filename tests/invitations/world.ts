import { invite } from '../../server/invitations/invitations.js'
import { type MailWorld, mailWorld } from '../support/mail-world.js'
import { type Browser, startTestPanel, type TestPanel } from '../support/panel.js'
import type { Name } from '../support/people.js'

type On = 'team' | 'site' | 'server' | 'group'

/** A panel that mails invitations, and the ways through one. */
export interface InvitationWorld extends MailWorld {
  readonly panel: TestPanel
  ask(by: Name, email: string, role?: string, on?: On, thing?: string): Promise<string>
  /** The address of the page that the newest mail leads to. */
  open(): Promise<string>
  /** Follows the link, which takes its token out of the address. */
  look(browser: Browser, address: string): ReturnType<Browser['get']>
  /** As the form of that page does. */
  accept(browser: Browser, address: string): ReturnType<Browser['post']>
  join(address: string, fields?: Record<string, string>): ReturnType<Browser['post']>
  membersNow(): Promise<Record<string, string | null>>
}

export async function invitationWorld(): Promise<InvitationWorld> {
  const w = await mailWorld()
  const panel = await startTestPanel(w)
  const { close } = w
  const tokenOf = (address: string) => new URL(address, panel.url).searchParams.get('token') ?? ''
  const look = async (browser: Browser, address: string) => {
    const first = await browser.get(address)
    return first.status === 303 ? browser.get('/invitation') : first
  }
  const made: InvitationWorld = Object.assign(w, {
    panel,
    look,
    ask: async (by: Name, email: string, role = 'viewer', on: On = 'team', thing = '') => {
      await invite(await w.ctx(by), { email, role, on, thing })
      return made.open()
    },
    open: async () => {
      await w.deliver()
      const { pathname, search } = w.link()
      return pathname + search
    },
    accept: async (browser: Browser, address: string) => {
      await look(browser, address)
      return browser.post('/invitation', { token: tokenOf(address) })
    },
    join: async (address: string, fields: Record<string, string> = {}) => {
      const browser = panel.browser()
      await look(browser, address)
      return browser.post('/invitation/account', {
        ...{ token: tokenOf(address), name: 'New', password: 'a boat on the lake' },
        ...fields,
      })
    },
    membersNow: async () => {
      const rows = await w.test.query<{ email: string; role: string | null }>(
        `select email, role from memberships join users on users.id = user_id where team_id = $1`,
        [w.acme.id],
      )
      return Object.fromEntries(rows.map(({ email, role }) => [email, role]))
    },
    close: async () => {
      await panel.close()
      await close()
    },
  })
  return made
}
