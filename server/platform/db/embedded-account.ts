import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { UserError } from '../errors.js'

/** Whom PostgreSQL runs as: ourselves (null), or, because it refuses to run as root, an account without rights. */
export type Account = { uid: number; gid: number } | null

const name = 'hostler-postgres'

/**
 * @param reachable files that the account must be able to come to
 * @throws UserError when a parent folder keeps the account out (a clone under /root, say)
 */
export async function unprivilegedAccount(...reachable: string[]): Promise<Account> {
  if (process.getuid?.() !== 0) return null
  const account = (await lookUp()) ?? (await make())

  for (const file of reachable) {
    const closed = await closedParent(file, account)
    if (closed) {
      throw new UserError(
        500,
        `The account ${name}, which PostgreSQL runs as, may not enter ${closed}`,
        `Move Hostler and its data folder (HOSTLER_DATA) to a place like /opt or /srv, run: chmod o+x ${closed}, or set DATABASE_URL`,
      )
    }
  }
  return account
}

async function lookUp(): Promise<Account> {
  const line = (await readFile('/etc/passwd', 'utf8')).split('\n').find((entry) => entry.startsWith(`${name}:`))
  const [, , uid, gid] = line?.split(':') ?? []
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : null
}

async function make(): Promise<NonNullable<Account>> {
  await run('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', name])
  const account = await lookUp()
  if (!account)
    throw new UserError(500, `Could not make the account ${name}`, `Run: useradd --system ${name}, or set DATABASE_URL`)
  return account
}

const run = promisify(execFile)

/** The first folder above `file` that the account may not pass through, asked of the kernel as that account. */
async function closedParent(file: string, account: NonNullable<Account>): Promise<string | null> {
  const parts = file.split('/').slice(1, -1)
  for (let depth = 1; depth <= parts.length; depth++) {
    const folder = `/${parts.slice(0, depth).join('/')}`
    const identity = { ...account, cwd: '/' }
    const missing = await run('test', ['!', '-e', folder], { cwd: '/' }).then(
      () => true,
      () => false,
    )
    if (missing) return null
    const open = await run('test', ['-x', folder], identity).then(
      () => true,
      () => false,
    )
    if (!open) return folder
  }
  return null
}
