import { createHmac } from 'node:crypto'
import pg from 'pg'

/**
 * Makes (or brings up to date) the role that the panel logs in with: it owns nothing, cannot bypass row-level security,
 * and inherits nothing, so it has rights only inside a door.
 * @param ownerUrl a role that may create roles
 * @param key derives the password, so that it is stored nowhere
 * @returns the URL to open the pool with
 */
export async function ensureLogin(ownerUrl: string, key: Buffer, name = loginName(ownerUrl)): Promise<string> {
  const url = new URL(ownerUrl)
  const password = createHmac('sha256', key).update(`database login ${name}`).digest('base64url')

  const client = new pg.Client({ connectionString: ownerUrl })
  await client.connect()
  try {
    await client.query('select pg_advisory_lock(1752134516)')
    const { rowCount } = await client.query('select from pg_roles where rolname = $1', [name])
    const role = client.escapeIdentifier(name)
    const attributes = `login noinherit nosuperuser nobypassrls nocreatedb nocreaterole password ${client.escapeLiteral(password)}`
    await client.query(`${rowCount ? 'alter' : 'create'} role ${role} ${attributes}`)
    // A process that is frozen in the middle of a transaction must not keep its rows from those who take over.
    await client.query(`alter role ${role} set idle_in_transaction_session_timeout = '10s'`)
    await client.query(
      `grant hostler_team, hostler_part, hostler_identity, hostler_system, hostler_operator, hostler_queue to ${role}`,
    )
  } finally {
    await client.end()
  }

  url.username = name
  url.password = password
  return url.href
}

/** Roles belong to the whole cluster, so each database has a login of its own. */
const loginName = (ownerUrl: string): string =>
  `hostler_login_${decodeURIComponent(new URL(ownerUrl).pathname.slice(1))}`.slice(0, 63)
