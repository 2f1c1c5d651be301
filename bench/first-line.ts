import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import type { Page } from 'playwright-core'
import { TeamCtx } from '../server/platform/access/ctx.js'
import { requestRemoval } from '../server/sites/removal.js'
import { startBrowser } from '../tests/support/browser.js'
import { startGitServer } from '../tests/support/git-server.js'
import { freePort } from '../tests/support/ports.js'
import { app } from '../tests/support/stage.js'
import { isQuick, machine, median, round, verdict } from './support/figures.js'
import { type BenchPanel, startBenchPanel } from './support/panel.js'

/**
 * From the press of "Deploy" (the POST as the browser sends it) to the first line in the log on the page, in Chromium.
 * Usage: tsx bench/first-line.ts [--quick]
 */
const rounds = isQuick ? 5 : 20

const folder = await mkdtemp(join(tmpdir(), 'hostler-bench-'))
await chmod(folder, 0o711)
const git = await startGitServer()
const environment = { HOSTLER_GIT_PROTOCOLS: 'https:ssh:http' }
const panel = await startBenchPanel({ dataFolder: folder, withWorker: true, environment })
const browser = await startBrowser()
const client = new pg.Client({ connectionString: panel.open.embedded?.ownerUrl ?? '' })
try {
  await client.connect()
  const { httpUrl } = await git.makeRepository({ files: app('one'), isPublic: true })
  await insertSite(panel, httpUrl)
  const context = await browser.newContext()
  const [name = '', value = ''] = panel.cookie.split('=')
  await context.addCookies([{ name, value, url: panel.url }])
  // Told by the page itself, at the moment when the line is in it.
  await context.addInitScript(`new MutationObserver((_changes, observer) => {
    if (!document.querySelector('.log-line')) return
    document.documentElement.dataset.firstLineAt = performance.timeOrigin + performance.now()
    observer.disconnect()
  }).observe(document, { childList: true, subtree: true })`)
  const page = await context.newPage()
  const taken: number[] = []
  for (let number = 0; number <= rounds; number++) {
    const ms = await deployAndWatch(page)
    // The first one makes the mirror, the user and the relay, and warms both processes up.
    if (number > 0) taken.push(ms)
    await untilOver()
  }
  console.log(taken.map((ms) => Math.round(ms)).join(' '), 'ms')
  console.log(machine())
  verdict('request to first log line, median in seconds', round(median(taken) / 1000, 3), 1, 'at most')
} finally {
  // Or the site would outlive the bench, as sites outlive the panel.
  const ctx = TeamCtx.system(panel.open.services, { ...panel.team, name: panel.team.slug }, 'bench')
  await requestRemoval(ctx, 'shop', { confirm: 'Shop', leaveBehind: false })
  await untilOver()
  await client.end()
  await browser.close()
  await panel.stop()
  await git.stop()
  await rm(folder, { recursive: true, force: true })
}

async function deployAndWatch(page: Page): Promise<number> {
  await page.goto(`${panel.url}/teams/${panel.team.slug}/sites/shop`)
  const posted = page.waitForRequest((request) => request.method() === 'POST')
  await page.locator('form[action$="/deploys"] button').first().click()
  const request = await posted
  await page.locator('[data-first-line-at]').waitFor({ state: 'attached', timeout: 30_000 })
  const at = Number(await page.locator('html').getAttribute('data-first-line-at'))
  return at - request.timing().startTime
}

/** Deploys of a site queue; each of these shall find nothing before it. */
async function untilOver(): Promise<void> {
  for (;;) {
    const { rows } = await client.query("select status from operations where status in ('queued', 'running')")
    if (rows.length === 0) return
    await wait(100)
  }
}

async function insertSite({ team }: BenchPanel, repository: string): Promise<void> {
  await client.query(
    `insert into sites (id, team_id, server_id, slug, name, repository_url, branch, credential_kind, runtime, edge, stack, start_command,
       watch_seconds, drain_seconds, port, created_at)
     select uuidv7(), $1, id, 'shop', 'Shop', $2, 'main', 'none', 'process', 'direct', 'node', 'node server.js', 0, 0, $3, now()
     from servers where team_id = $1 and kind = 'local'`,
    [team.id, repository, await freePort()],
  )
}
