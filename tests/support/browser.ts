import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'

/** The one without windows takes a third less of the machine. */
const programs = ['chromium-headless-shell', 'chromium']

/** The system's Chromium; whoever asked has to close it. Ask `needs('chromium')` first. */
export function startBrowser(...args: string[]): Promise<Browser> {
  const folders = (process.env.PATH ?? '').split(':')
  const executablePath = programs.flatMap((name) => folders.map((folder) => `${folder}/${name}`)).find(existsSync)
  if (!executablePath) throw new Error('chromium is not on the PATH')
  // Tests run as root in containers, where Chromium's own sandbox cannot start.
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', ...args] })
}

/** Gives the page a passkey device of its own (WebAuthn over CDP), and says how to have it know its user or not. */
export async function addAuthenticator(page: Page): Promise<(isUserVerified: boolean) => Promise<unknown>> {
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('WebAuthn.enable')
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  return (isUserVerified) => cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified })
}
