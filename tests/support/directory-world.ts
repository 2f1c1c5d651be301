import { randomUUID } from 'node:crypto'
import { makeToken } from '../../server/directories/tokens.js'
import { paths } from '../../server/paths.js'
import { insert } from './make.js'
import type { Name } from './people.js'
import { proveDomain, type SignInWorld, signInWorld } from './sign-in-world.js'

/** A directory of Acme's, or of Rival's, and what it says to the panel over HTTP. */
export interface Directory {
  readonly id: string
  readonly token: string
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: whatever JSON there is, for the test to look into
  readonly body: any
}

export interface DirectoryWorld extends SignInWorld {
  /** With a connection and a token of its own. */
  directory(by?: Name, name?: string): Promise<Directory>
  /** Who is in Acme, by name, with their role. */
  members(): Promise<Record<string, string | null>>
  /** The types of the last events of Acme, the oldest first. */
  eventTypes(): Promise<string[]>
}

/** Acme has proven acme.example. */
export async function directoryWorld(): Promise<DirectoryWorld> {
  const w = await signInWorld()
  const more = {
    directory: async (by: Name = 'owner', name = 'Okta') => {
      const id = await connect(w, by, name)
      const { token } = await makeToken(await w.ctx(by), id, '365')
      return speaking(w, id, token.reveal())
    },
    members: async () => {
      const rows = await w.test.query<{ email: string; role: string | null }>(
        `select person.email, membership.role from memberships membership join users person on person.id = membership.user_id
         where membership.team_id = $1 order by 1`,
        [w.acme.id],
      )
      return Object.fromEntries(rows.map(({ email, role }) => [email, role]))
    },
    eventTypes: async () => {
      const sql = 'select type from events where team_id = $1 order by sequence'
      return (await w.test.query<{ type: string }>(sql, [w.acme.id])).map(({ type }) => type)
    },
    reset: async () => {
      await w.reset()
      await proveDomain(w, 'acme.example')
    },
  }
  const values = Object.entries(more).map(([name, value]) => [name, { value }])
  return Object.create(w, Object.fromEntries(values)) as DirectoryWorld // `as`: a world with those.
}

/** As if it had been made, without a provider to ask. */
async function connect(w: SignInWorld, by: Name, name: string): Promise<string> {
  const id = randomUUID()
  const made = { id, team_id: w.people[by].team?.id, kind: 'oidc', name, default_role: 'viewer' }
  await insert(w.test, 'sign_in_connections', { ...made, created_by: 'Owner', created_at: new Date() })
  const metadata = JSON.stringify({ issuer: 'https://127.0.0.1:9' })
  await insert(w.test, 'oidc_settings', {
    ...{ connection_id: id, team_id: made.team_id, issuer: 'https://127.0.0.1:9', client_id: 'hostler', metadata },
    ...{ client_secret_sealed: 'v1.none', metadata_at: new Date() },
  })
  return id
}

export const speaking = (w: SignInWorld, id: string, token: string): Directory => ({
  id,
  token,
  ask: async (method, path, body, headers = {}) => {
    const response = await fetch(`${w.panel.url}${paths.scim(id)}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/scim+json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: text === '' ? undefined : JSON.parse(text),
    }
  },
})
