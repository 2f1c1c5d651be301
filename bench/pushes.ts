import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import { changeSecret, connect } from '../server/connections/connections.js'
import { TeamCtx } from '../server/platform/access/ctx.js'
import { requestRemoval } from '../server/sites/removal.js'
import type { TestRepository } from '../tests/support/git-repository.js'
import { startGitServer } from '../tests/support/git-server.js'
import { moveMain, prepareCommits } from '../tests/support/many-commits.js'
import { freePort } from '../tests/support/ports.js'
import { tellOfPushes } from '../tests/support/push-hook.js'
import { app } from '../tests/support/stage.js'
import { type Answered, deliver, pingRequest, pushRequest } from './support/deliveries.js'
import { isQuick, machine, median, round, verdict } from './support/figures.js'
import { startBenchPanel } from './support/panel.js'
import { cpuMsOf } from './support/processes.js'
import { seed } from './support/seed.js'

/**
 * What a push costs: from a real `git push` to the running deploy; five hundred at once to one site; five hundred at once
 * to five hundred sites. The panel and the worker are processes of their own, and everything shares the machine.
 * Usage: tsx bench/pushes.ts [--quick]
 */
const many = isQuick ? 100 : 500
const rounds = isQuick ? 3 : 15

const folder = await mkdtemp(join(tmpdir(), 'hostler-bench-'))
await chmod(folder, 0o711)
const git = await startGitServer()
const environment = { HOSTLER_GIT_PROTOCOLS: 'https:ssh:http' }
const panel = await startBenchPanel({ dataFolder: folder, withWorker: true, environment })
const webhook = new URL('/webhooks/github', panel.url)
const client = new pg.Client({ connectionString: panel.open.embedded?.ownerUrl ?? '' })
const ctx = TeamCtx.system(panel.open.services, { ...panel.team, name: panel.team.slug }, 'bench')
const ask = async (text: string): Promise<number> => Number((await client.query(text)).rows[0]?.answer)
try {
  await client.connect()
  await manyToOne(await onePush())
  await manyToMany()
  console.log(machine())
} finally {
  await client.query("update operations set status = 'cancelled', ended_at = now() where status = 'queued'")
  // Or the site would outlive the bench, as sites outlive the panel.
  await requestRemoval(ctx, 'shop', { confirm: 'Shop', leaveBehind: false })
  await until(`select count(*) = 0 as answer from sites where slug = 'shop'`)
  await client.end()
  await panel.stop()
  await git.stop()
  await rm(folder, { recursive: true, force: true })
}

/** From the moment when the developer's `git push` begins to the one in which the worker began with its deploy. */
async function onePush(): Promise<TestRepository> {
  const repository = await git.makeRepository({ files: app('one'), isPublic: true })
  await client.query(
    `insert into sites (id, team_id, server_id, slug, name, repository_url, repository_key, auto_deploy, branch, credential_kind, runtime, edge,
       stack, start_command, watch_seconds, drain_seconds, port, reconcile_at, created_at)
     select uuidv7(), $1, id, 'shop', 'Shop', $2, $3, true, 'main', 'none', 'process', 'direct', 'node', 'node server.js', 0, 0, $4,
       now() + interval '1 day', now()
     from servers where team_id = $1 and kind = 'local'`,
    [panel.team.id, repository.httpUrl, `127.0.0.1/${repository.name}`, await freePort()],
  )
  const { secret } = await connect(ctx, { repositoryUrl: repository.httpUrl, host: 'github' })
  await tellOfPushes(repository, { url: `${panel.url}/webhooks/github`, secret: secret.reveal() })
  const taken: number[] = []
  for (let number = 0; number <= rounds; number++) {
    const began = Date.now()
    await repository.commit({ files: { 'note.txt': String(number) } })
    await until(
      `select count(*) = ${number + 1} as answer from operations where kind = 'deploy' and started_at is not null`,
    )
    const startedAt = await ask(
      `select extract(epoch from max(started_at)) * 1000 as answer from operations where kind = 'deploy'`,
    )
    // The first makes the mirror and the user, and warms both processes up.
    if (number > 0) taken.push(startedAt - began)
    await until(`select count(*) = 0 as answer from operations where status in ('queued', 'running')`)
  }
  console.log(taken.map((ms) => Math.round(ms)).join(' '), 'ms')
  verdict('git push to deploy running, median in seconds', round(median(taken) / 1000, 3), 2, 'at most')
  return repository
}

/** With the watch that a site has unless told: a deploy that were over in half a second would leave room for the next. */
async function manyToOne(repository: TestRepository): Promise<void> {
  await client.query('update sites set watch_seconds = 10')
  const before = await ask('select count(*) as answer from deploys where folded_into is null')
  const { rows } = await client.query('select id from repository_connections')
  const secret = (await changeSecret(ctx, rows[0]?.id)).secret.reveal()
  const commits = prepareCommits(repository, many, (number) => app(`number-${number}`))
  const last = commits.at(-1) ?? ''
  moveMain(repository, last)
  const answers = await atOnce(commits.map((after) => pushRequest(webhook, secret, repository.httpUrl, after)))
  tell(`${many} pushes at once to one site`, answers)
  await until('select count(*) = 0 as answer from webhook_deliveries where outcome is null')
  await until(`select count(*) = 0 as answer from operations where status in ('queued', 'running')`)
  const deploys = (await ask('select count(*) as answer from deploys where folded_into is null')) - before
  verdict('deploys of one site that was pushed to so often', deploys, 2, 'at most')
  const shown = await ask(
    `select count(*) as answer from sites s join releases r on r.id = s.live_release_id where s.slug = 'shop' and r.commit_sha = '${last}'`,
  )
  verdict('sites that do not show the last commit', 1 - shown, 0, 'at most')
}

async function manyToMany(): Promise<void> {
  await client.query('delete from deploys where site_id in (select id from sites)')
  await seed(panel.open.embedded?.ownerUrl ?? '', panel.team.id, { sites: many, servers: 20 }).catch(() => undefined)
  // Nothing listens there, on this machine: what is measured is over before a deploy would begin.
  await client.query(`update servers set address = '127.0.0.1', port = 9 where kind = 'ssh'`)
  await client.query(
    `update sites set auto_deploy = true, reconcile_at = now() + interval '1 day', repository_key = 'git.example.com/acme/' || slug
     where slug like 'site-%'`,
  )
  const secrets: string[] = []
  for (let n = 1; n <= many; n++) {
    const repositoryUrl = `https://git.example.com/acme/site-${n}.git`
    const secret = (await connect(ctx, { repositoryUrl, host: 'github' })).secret.reveal()
    await deliver(webhook, pingRequest(webhook, secret, repositoryUrl))
    secrets.push(secret)
  }
  await until('select count(*) = 0 as answer from webhook_deliveries where outcome is null')
  const before = await ask('select count(*) as answer from delivery_verdicts')
  const began = Date.now()
  const answers = await atOnce(
    secrets.map((secret, n) =>
      pushRequest(webhook, secret, `https://git.example.com/acme/site-${n + 1}.git`, 'c'.repeat(40)),
    ),
  )
  tell(`${many} pushes at once to ${many} sites`, answers)
  await until('select count(*) = 0 as answer from webhook_deliveries where outcome is null')
  const judged = (await ask('select count(*) as answer from delivery_verdicts')) - before
  console.log(`all judged after ${round((Date.now() - began) / 1000)} s`)
  const sorted = answers.map(({ ms }) => ms).toSorted((a, b) => a - b)
  verdict('answer to a delivery, p95 in seconds', round((sorted[Math.floor(many * 0.95)] ?? 0) / 1000, 3), 1, 'at most')
  verdict('pushes that were lost or not judged', many - judged, 0, 'at most')
}

/** Says what of the web process they took: the rest is waiting for the others on this machine. */
async function atOnce(requests: readonly Buffer[]): Promise<Answered[]> {
  const before = await cpuMsOf(panel.web)
  const sending = process.cpuUsage()
  const answers = await Promise.all(requests.map((request) => deliver(webhook, request)))
  const { user, system } = process.cpuUsage(sending)
  const each = (ms: number) => `${round(ms / requests.length)} ms`
  console.log(
    `CPU a delivery: ${each((await cpuMsOf(panel.web)) - before)} of the web process, ${each((user + system) / 1000)} of whoever sent`,
  )
  return answers
}

function tell(name: string, answers: readonly Answered[]): void {
  const refused = answers.filter(({ status }) => status !== 202).length
  const sorted = answers.map(({ ms }) => ms).toSorted((a, b) => a - b)
  const at = (share: number) => Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0)
  console.log(`${name}: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, longest ${at(1)} ms; ${refused} not taken`)
  if (refused > 0) process.exitCode = 1
}

async function until(question: string): Promise<void> {
  for (;;) {
    const { rows } = await client.query(question)
    if (rows[0]?.answer === true) return
    await wait(20)
  }
}
