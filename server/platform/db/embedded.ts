import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, chown, mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import pg from 'pg'
import { UserError } from '../errors.js'
import { freePort } from '../net.js'
import { type Account, unprivilegedAccount } from './embedded-account.js'
import { type Binaries, postgresBinaries } from './embedded-binaries.js'

/**
 * A PostgreSQL of our own in the data folder. It is a daemon, not our child: it survives a killed panel, and the next
 * start finds it by the pid file that PostgreSQL itself keeps.
 */
export interface EmbeddedPostgres {
  /** Of the role that owns the database. */
  ownerUrl: string
  /** Somebody else started it, and may need it after us. */
  wasRunning: boolean
  stop(): Promise<void>
}

const settings = {
  listen_addresses: '127.0.0.1',
  max_connections: '60',
  // A panel at rest should be small; these two are what an idle PostgreSQL mostly costs.
  shared_buffers: '32MB',
  max_worker_processes: '4',
}

/** @throws UserError when PostgreSQL cannot be made to run here, saying what to change */
export async function startEmbedded(folder: string, extra: Record<string, string> = {}): Promise<EmbeddedPostgres> {
  const binaries = await postgresBinaries()
  const account = await unprivilegedAccount(folder, binaries.pgCtl)
  const password = await ownerPassword(folder, account)
  const cluster = path.join(folder, 'cluster')

  if (!(await exists(path.join(cluster, 'PG_VERSION')))) await initialise(binaries, account, cluster, folder)
  const running = await runningPort(binaries, account, cluster)
  const port = running ?? (await start(binaries, account, cluster, { ...settings, ...extra }))

  const ownerUrl = `postgres://hostler:${password}@127.0.0.1:${port}/hostler`
  await ensureDatabase(ownerUrl)
  return { ownerUrl, wasRunning: running !== null, stop: () => stop(binaries, account, cluster) }
}

async function ownerPassword(folder: string, account: Account): Promise<string> {
  const file = path.join(folder, 'password')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  if (account) await chown(folder, account.uid, account.gid)
  const known = await readFile(file, 'utf8').catch(() => '')
  if (known) return known.trim()

  const fresh = randomBytes(24).toString('base64url')
  await writeFile(file, fresh, { mode: 0o600 })
  if (account) await chown(file, account.uid, account.gid)
  return fresh
}

/** `initdb` writes into a folder that is renamed when it is whole, so a kill in the middle leaves nothing half made. */
async function initialise(binaries: Binaries, account: Account, cluster: string, folder: string): Promise<void> {
  const making = `${cluster}.making`
  await execute('rm', ['-rf', '--', making], null)
  await execute(
    binaries.initdb,
    [
      `--pgdata=${making}`,
      '--username=hostler',
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C.UTF-8',
      `--pwfile=${path.join(folder, 'password')}`,
    ],
    account,
  )
  await chmod(making, 0o700)
  await execute('mv', ['-T', '--', making, cluster], null)
}

/** The fourth line of the pid file is the port; `pg_ctl status` tells whether that process still lives. */
async function runningPort(binaries: Binaries, account: Account, cluster: string): Promise<number | null> {
  const alive = await execute(binaries.pgCtl, ['status', '-D', cluster], account).then(
    () => true,
    () => false,
  )
  if (!alive) return null
  const port = Number((await readFile(path.join(cluster, 'postmaster.pid'), 'utf8')).split('\n')[3])
  return Number.isInteger(port) && port > 0 ? port : null
}

async function start(
  binaries: Binaries,
  account: Account,
  cluster: string,
  options: Record<string, string>,
): Promise<number> {
  const port = await freePort(await lastPort(cluster))
  const flags = Object.entries({ ...options, port: String(port), unix_socket_directories: '' })
  const text = flags.map(([name, value]) => `-c ${name}='${value}'`).join(' ')
  const log = path.join(cluster, 'server.log')
  await execute(binaries.pgCtl, ['start', '-D', cluster, '-l', log, '-w', '-t', '60', '-o', text], account).catch(
    async (error) => {
      const lines = (await readFile(log, 'utf8').catch(() => '')).trim().split('\n').slice(-5).join('\n')
      throw new UserError(500, `The embedded PostgreSQL did not start:\n${lines}`, `See ${log}`, { cause: error })
    },
  )
  return port
}

/** The one of the last start: processes that outlived a restart of the database look for it there. */
async function lastPort(cluster: string): Promise<number | undefined> {
  const options = await readFile(path.join(cluster, 'postmaster.opts'), 'utf8').catch(() => '')
  const port = Number(/port=(\d+)/.exec(options)?.[1])
  return port || undefined
}

const stop = async (binaries: Binaries, account: Account, cluster: string): Promise<void> =>
  execute(binaries.pgCtl, ['stop', '-D', cluster, '-m', 'fast', '-w', '-t', '30'], account)

async function ensureDatabase(ownerUrl: string): Promise<void> {
  const maintenance = new URL(ownerUrl)
  maintenance.pathname = '/postgres'
  const client = new pg.Client({ connectionString: maintenance.href })
  await client.connect()
  try {
    const { rowCount } = await client.query("select from pg_database where datname = 'hostler'")
    if (!rowCount) await client.query('create database hostler')
  } finally {
    await client.end()
  }
}

/** Runs to the end, out of our process group, so that Ctrl-C on the panel does not reach the database. */
function execute(program: string, args: readonly string[], account: Account): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      ...account,
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore'],
      cwd: '/',
      env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
    })
    child.once('error', reject)
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`${path.basename(program)} ${args[0]} ended with ${code}`)),
    )
  })
}

const exists = (file: string): Promise<boolean> =>
  readFile(file).then(
    () => true,
    () => false,
  )
