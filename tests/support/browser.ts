import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

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
