import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { text } from 'node:stream/consumers'
import { nodeFolder } from '../server/deploys/node-versions/commands.js'
import { placeOf } from '../server/deploys/places.js'
import type { DeployWithOperation } from '../server/deploys/queries.js'
import setup from '../tests/support/global-setup.js'
import { freePort } from '../tests/support/ports.js'
import { node22 } from '../tests/support/sites.js'
import { type Sshd, startSshd } from '../tests/support/sshd.js'
import { type Stage, startStage } from '../tests/support/stage.js'
import { byHand } from './support/deploy-by-hand.js'
import { appWithDependencies } from './support/deployed-app.js'
import { isQuick, machine, median, round, verdict } from './support/figures.js'
import { timedHost } from './support/timed-host.js'

/**
 * A whole deploy over SSH, without watch and drain, against the same commands typed over one `ssh`: fetch, check out, npm
 * ci, start under runit, wait for the health path, switch, stop the old one. The two take turns, also in who is first:
 * whoever is second takes longer.
 * Usage: tsx bench/deploy.ts [--quick] [--commands]
 */
const rounds = isQuick ? 4 : 10

const stopDatabase = await setup()
const sshd = await startSshd()
try {
  const values = {
    build_command: 'npm ci --no-audit --no-fund --offline',
    watch_seconds: 0,
    health_deadline_seconds: 60,
    // What is typed by hand has no limits either.
    cpus: cpus().length,
    memory_mb: 2048,
  }
  const stage = await startStage(values, appWithDependencies('0'), sshd)
  try {
    await measure(stage, sshd)
  } finally {
    await stage.stop()
  }
} finally {
  await sshd.stop()
  await stopDatabase()
}

async function measure(stage: Stage, over: Sshd): Promise<void> {
  // The first of each fills the caches: Node, the mirror, npm's, the scripts on the server.
  await deploy(stage)
  const hand = await newHand(stage, over)
  await hand('0')
  if (process.argv.includes('--commands')) tellCommands(stage)
  const taken = { panel: [] as number[], hand: [] as number[], handBuild: [] as number[], ratio: [] as number[] }
  const steps = new Map<string, number[]>()
  let sessions = 0
  for (let number = 1; number <= rounds; number++) {
    await stage.repository.commit({ files: appWithDependencies(String(number)) })
    const typed = () => timed(() => hand(String(number)))
    const pressed = async () => {
      const before = sessionsOf(over)
      const taking = await timed(() => deploy(stage))
      sessions = sessionsOf(over) - before
      return taking
    }
    const handFirst = number % 2 ? await typed() : undefined
    const byPanel = await pressed()
    const byHand = handFirst ?? (await typed())
    taken.panel.push(byPanel.ms)
    taken.hand.push(byHand.ms)
    taken.handBuild.push(byHand.result)
    taken.ratio.push(byPanel.ms / byHand.ms)
    for (const { name, ms } of await stepsOf(stage, byPanel.result))
      steps.set(name, [...(steps.get(name) ?? []), Number(ms)])
  }
  await hand('stop')

  console.table(Object.fromEntries([...steps].map(([name, ms]) => [name, { 'median ms': round(median(ms), 0) }])))
  console.log(
    `panel ${round(median(taken.panel), 0)} ms with ${sessions} commands over SSH, by hand ${round(median(taken.hand), 0)} ms`,
  )
  // A build of the panel's is a control group, which a busy machine gives the share of one process; one by hand is several.
  console.log(
    `of that, the build: panel ${round(median(steps.get('Build') ?? []), 0)} ms, by hand ${round(median(taken.handBuild), 0)} ms`,
  )
  console.log(machine())
  verdict('deploy, time of the same by hand', median(taken.ratio), 1.15, 'at most')
}

async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; result: T }> {
  const startedAt = performance.now()
  const result = await work()
  return { ms: performance.now() - startedAt, result }
}

/** Where the time goes: each command of each deploy, with when it was asked. */
function tellCommands(stage: Stage): void {
  const { hosts } = stage.test.services
  const known = hosts.get.bind(hosts)
  hosts.get = async (id) => {
    console.log('a deploy:')
    return timedHost(await known(id), console.log)
  }
}

async function deploy(stage: Stage): Promise<DeployWithOperation> {
  const done = await stage.deploy()
  if (done.status !== 'succeeded') throw new Error(`${done.message}\n${(await stage.log(done)).join('\n')}`)
  return done
}

function stepsOf(stage: Stage, deploy: DeployWithOperation): Promise<{ name: string; ms: number }[]> {
  return stage.test.database.query(
    'select name, extract(epoch from ended_at - started_at) * 1000 as ms from operation_steps where operation_id = $1 order by position',
    [deploy.operation_id],
  )
}

/** Types the script of one deploy over one `ssh`, and says how many milliseconds its build took. */
async function newHand(stage: Stage, over: Sshd): Promise<(release: string) => Promise<number>> {
  const keyFile = `${over.folder}/key`
  writeFileSync(keyFile, over.privateKey.reveal(), { mode: 0o600 })
  const { root } = stage.host
  const script = byHand({
    folder: `${root}/hand`,
    user: placeOf(stage.site, root).user,
    node: nodeFolder(root, node22),
    repository: stage.repository.httpUrl,
    ports: [await freePort(), await freePort()],
  })
  const options = [
    '-q',
    '-i',
    keyFile,
    '-p',
    String(over.port),
    '-o',
    'StrictHostKeyChecking=no',
    '-o',
    'UserKnownHostsFile=/dev/null',
  ]
  const words = [...options, `${over.user}@${over.address}`]
  return async (release) => {
    // Not to be waited for by blocking: the Git server that it fetches from is in this process.
    const ssh = spawn('ssh', [...words, `sh -s ${release}`], { stdio: ['pipe', 'pipe', 'inherit'], timeout: 120_000 })
    ssh.stdin.end(script)
    const [said, [code]] = await Promise.all([text(ssh.stdout), once(ssh, 'close')])
    if (code !== 0) throw new Error(`The deploy by hand ended with ${code}`)
    return Number(said)
  }
}

function sessionsOf(over: Sshd): number {
  return over.log().split('Starting session: command').length - 1
}
