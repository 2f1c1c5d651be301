import { createHmac, randomUUID } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import autocannon from 'autocannon'
import pg from 'pg'
import { connect } from '../server/connections/connections.js'
import { TeamCtx } from '../server/platform/access/ctx.js'
import { freePort } from '../tests/support/ports.js'
import { isQuick, machine, median, round, verdict } from './support/figures.js'
import { endChild, startBenchPanel, startNode } from './support/panel.js'
import { cpuMsOf } from './support/processes.js'

/**
 * What it costs to verify and to store one delivery, against a bare Express route that inserts one row of the same body,
 * in the same database. The two take turns. No worker runs: judging is not what is measured. Usage: tsx bench/delivery.ts
 */
const rounds = isQuick ? 3 : 7
const seconds = isQuick ? 2 : 4
const connections = 10
const bodyBytes = 10_000

const folder = await mkdtemp(join(tmpdir(), 'hostler-bench-'))
await chmod(folder, 0o711)
const panel = await startBenchPanel({ dataFolder: folder })
const databaseUrl = panel.open.embedded?.ownerUrl ?? ''
const client = new pg.Client({ connectionString: databaseUrl })
await client.connect()
await client.query('create table floor (id bigserial primary key, delivery text, body bytea, received_at timestamptz)')
const port = await freePort()
const floor = await startNode(fileURLToPath(new URL('./support/floor-insert.cjs', import.meta.url)), {
  ...process.env,
  ...{ DATABASE_URL: databaseUrl, PORT: String(port), NODE_ENV: 'production' },
})
try {
  const ctx = TeamCtx.system(panel.open.services, { ...panel.team, name: panel.team.slug }, 'bench')
  const cloneUrl = 'https://git.example.com/acme/shop.git'
  const { secret } = await connect(ctx, { repositoryUrl: cloneUrl, host: 'github' })
  const body = JSON.stringify({
    ...{ ref: 'refs/heads/other', before: 'a'.repeat(40), after: 'b'.repeat(40), commits: [], head_commit: null },
    ...{ pusher: { name: 'octocat' }, repository: { clone_url: cloneUrl }, filling: 'x'.repeat(bodyBytes) },
  })
  const signature = `sha256=${createHmac('sha256', secret.reveal()).update(body).digest('hex')}`
  const subjects = [
    {
      name: 'bare Express',
      url: `http://127.0.0.1:${port}/`,
      process: floor,
      perSecond: [] as number[],
      cpuMs: [] as number[],
    },
    {
      ...{ name: 'a delivery', url: `${panel.url}/webhooks/github`, process: panel.web },
      ...{ perSecond: [] as number[], cpuMs: [] as number[] },
    },
  ]
  const load = async (url: string, duration: number) => {
    const result = await autocannon({
      ...{ url, method: 'POST', connections, duration, body },
      headers: { 'content-type': 'application/json', 'x-github-event': 'push', 'x-hub-signature-256': signature },
      requests: [
        {
          setupRequest: (request) => ({
            ...request,
            headers: { ...request.headers, 'x-github-delivery': randomUUID() },
          }),
        },
      ],
    })
    if (result.non2xx > 0) throw new Error(`${url} refused ${result.non2xx}`)
    return result
  }
  for (const { url } of subjects) await load(url, 3)
  for (let number = 0; number < rounds; number++)
    for (const subject of number % 2 ? subjects.toReversed() : subjects) {
      const before = await cpuMsOf(subject.process)
      const { requests, duration } = await load(subject.url, seconds)
      subject.perSecond.push(requests.total / duration)
      subject.cpuMs.push(((await cpuMsOf(subject.process)) - before) / requests.total)
    }
  const [bare, ours] = subjects
  if (!bare || !ours) throw new Error('There are two')
  for (const { name, perSecond, cpuMs } of subjects)
    console.log(`${name}: ${round(median(perSecond), 0)}/s, ${round(median(cpuMs))} ms of CPU each`)
  const ratios = bare.perSecond.map((value, index) => value / (ours.perSecond[index] ?? Number.NaN))
  verdict('cost of a delivery, of bare Express that inserts one row', round(median(ratios)), 1.5, 'at most')
  console.log(machine())
} finally {
  await endChild(floor)
  await client.end()
  await panel.stop()
  await rm(folder, { recursive: true, force: true })
}
