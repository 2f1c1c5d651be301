import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { BrowserContext, Page } from 'playwright-core'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const everything = {
  type: 'tag',
  values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
}
/** All that a change of the theme alone can break: it changes colours and nothing else. */
const colours = { type: 'rule', values: ['color-contrast', 'link-in-text-block'] }

export const looks = [
  { width: 1280, colorScheme: 'light', rules: everything },
  { width: 1280, colorScheme: 'dark', rules: colours },
  { width: 390, colorScheme: 'dark', rules: everything },
  { width: 390, colorScheme: 'light', rules: colours },
] as const

/** Enough for what is made of parts that are looked at in all of them elsewhere. */
export const twoLooks: readonly (typeof looks)[number][] = looks.filter(({ rules }) => rules === everything)

/**
 * Has whatever is opened in that context bring axe. The debugger's scripts are not under the page's policy, so nothing
 * has to be opened for this; to send half a megabyte to each page again takes as long as to show it.
 */
export const bringAxe = (context: BrowserContext): Promise<unknown> => context.addInitScript({ content: axe })

/** What axe finds wrong with what the page shows now: on a desk and on a phone, light and dark. */
export async function faultsOf(page: Page, at: readonly (typeof looks)[number][] = looks): Promise<string[]> {
  const faults: string[] = []
  for (const { width, colorScheme, rules } of at) {
    await page.setViewportSize({ width, height: 900 })
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const found = (await page.evaluate(run(rules))) as string[]
    faults.push(...found.map((fault) => `${width} px, ${colorScheme}: ${fault}`))
  }
  return faults
}

/** A text, because the compiler knows no DOM here. Style sheets are ours, so nothing has to be loaded again. */
const run = (
  rules: object,
) => `axe.run({ runOnly: ${JSON.stringify(rules)}, resultTypes: ['violations'], preload: false })
  .then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) =>
    id + ' at ' + target.join(' ') + ': ' + failureSummary.split('\\n').slice(1).join(' ').trim().slice(0, 200))))`
