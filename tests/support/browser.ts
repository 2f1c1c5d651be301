import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'

/** The system's Chromium; whoever asked has to close it. Ask `needs('chromium')` first. */
export function startBrowser(...args: string[]): Promise<Browser> {
  const executablePath = (process.env.PATH ?? '')
    .split(':')
    .map((folder) => `${folder}/chromium`)
    .find((path) => existsSync(path))
  if (!executablePath) throw new Error('chromium is not on the PATH')
  // Tests run as root in containers, where Chromium's own sandbox cannot start.
  return chromium.launch({ executablePath, args: ['--no-sandbox', ...args] })
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
