import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { newId } from '../server/platform/ids.js'
import { isQuick, machine, round, verdict } from './support/figures.js'
import { startBenchPanel } from './support/panel.js'
import { seed } from './support/seed.js'

/**
 * Whether the time of an answer tells what the answer does not: who has an account (SE-07), and what other teams have
 * (AZ-15). Of each pair, asked in turn over HTTP, the 95th of a hundred. Usage: tsx bench/alike.ts [--quick]
 */
const times = isQuick ? 100 : 400
/** No mail goes out: there is no worker, and nobody listens there. */
const mail = { HOSTLER_SMTP_URL: 'smtp://127.0.0.1:9', HOSTLER_MAIL_FROM: 'Hostler <panel@example.com>' }

const folder = await mkdtemp(join(tmpdir(), 'hostler-bench-'))
await chmod(folder, 0o711)
const panel = await startBenchPanel({ dataFolder: folder, environment: mail })
const owner = new pg.Client({ connectionString: panel.open.embedded?.ownerUrl })
await owner.connect()
try {
  const rival = newId()
  await owner.query(`insert into teams (id, slug, name, created_at) values ($1, 'rival', 'Rival', now())`, [rival])
  await seed(panel.open.embedded?.ownerUrl ?? '', rival, { sites: 100, servers: 2 })
  // Whoever runs the panel knows all teams, and is asked for more.
  await owner.query('update users set is_operator = false')
  const visitor = await visit()
  const guess = (email: string) => visitor('/sign-in', { email, password: 'not the password' })
  const forget = (email: string) => visitor('/password-reset/requests', { email })
  const look = async (path: string) =>
    void (await fetch(panel.url + path, { headers: { cookie: panel.cookie } })).text()

  await compare('a wrong password, and an address that nobody has', [
    () => guess('ada@example.com'),
    (number) => guess(`nobody${number}@example.com`),
  ])
  // What takes a few milliseconds is late by chance more often, so it is asked more often.
  await compare(
    'a reset for somebody, and for nobody',
    [() => forget('ada@example.com'), (number) => forget(`nobody${number}@example.com`)],
    times * 8,
  )
  await compare(
    'a site of another team, and none',
    [() => look('/teams/acme/sites/site-7'), () => look('/teams/acme/sites/nothing')],
    times * 8,
  )
  await compare('another team, and none', [() => look('/teams/rival'), () => look('/teams/nobody')], times * 8)
  console.log(machine())
} finally {
  await owner.end()
  await panel.stop()
  await rm(folder, { recursive: true, force: true })
}

type Ask = (number: number) => Promise<void>

async function compare(name: string, [one, other]: readonly [Ask, Ask], count = times): Promise<void> {
  const taken: [number[], number[]] = [[], []]
  const asks = [one, other]
  for (let number = 0; number < count; number++) {
    if (number % 3 === 0) await forgetGuesses(asks)
    for (const index of number % 2 ? ([0, 1] as const) : ([1, 0] as const)) {
      const start = performance.now()
      await asks[index]?.(number)
      taken[index].push(performance.now() - start)
    }
  }
  // The first tenth is for the compiler of V8.
  const [first, second] = taken.map((list) => late(list.slice(count / 10))) as [number, number]
  console.log(`${name}: ${round(first)} and ${round(second)} ms`)
  verdict(`distance between ${name}`, Math.abs(first / second - 1), 0.1, 'at most')
}

/** Whoever guesses so often is limited, which is not what is measured; nor is what the next question costs after this. */
async function forgetGuesses(asks: readonly Ask[]): Promise<void> {
  await owner.query('truncate sign_in_attempts, reset_requests, quota_counts, refusals')
  for (const ask of asks) await ask(-1)
}

/** The 95th of a hundred. A function, for the work above begins before what stands below it. */
function late(list: readonly number[]): number {
  return list.toSorted((a, b) => a - b)[Math.floor(list.length * 0.95)] ?? Number.NaN
}

/** Somebody who is not signed in, with the cookie and the token of our own form. */
async function visit() {
  const page = await fetch(`${panel.url}/sign-in`)
  const cookie = page.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')
  const csrf = /name="csrf-token" content="([^"]*)"/.exec(await page.text())?.[1] ?? ''
  return async (path: string, fields: Record<string, string>): Promise<void> => {
    const answer = await fetch(panel.url + path, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie, origin: panel.url },
      body: new URLSearchParams({ ...fields, _csrf: csrf }),
    })
    await answer.text()
    if (answer.status !== 422 && answer.status !== 303) throw new Error(`${path} answered ${answer.status}`)
  }
}
