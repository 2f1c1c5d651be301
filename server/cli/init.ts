import type { Readable } from 'node:stream'
import { createApiKey, NewApiKey } from '../api-keys/api-keys.js'
import { createAuthorizer } from '../authorizer.js'
import { wholeTeam } from '../platform/access/access.js'
import { UserError } from '../platform/errors.js'
import type { Services } from '../platform/services.js'
import { FirstPeople, initialise } from '../setup/setup.js'
import { actorOf } from '../users/users.js'

export interface InitOptions {
  email: string
  team: string
  name?: string
  keyName?: string
}

/** As the setup page, from the machine itself, and with an API key to go on with. */
export async function init(services: Services, options: InitOptions, password: string) {
  const { user, team } = await initialise(services, parse(options, password))
  const teams = [{ ...team, role: 'owner' as const, closed: null, holdings: [wholeTeam('owner')] }]
  const person = {
    kind: 'person',
    actor: actorOf(user),
    isOperator: true,
    sessionId: '',
    csrfToken: '',
    proofs: { passwordAt: null, factorAt: null, hasFactor: false },
    shut: { everywhere: false, teams: [] },
    teams,
  } as const
  const ctx = await createAuthorizer(services).teamCtx(person, team.slug, 'api-key:manage-own')
  const { key } = await createApiKey(
    ctx,
    NewApiKey.parse({ name: options.keyName ?? 'hostler init', role: 'owner', lifetime: 'never' }),
  )
  return { apiKey: key.reveal(), team: team.slug, url: services.config.baseUrl.origin }
}

function parse({ email, team, name }: InitOptions, password: string) {
  const nameOrAddress = name ?? email.split('@')[0] ?? email
  const { data, error } = FirstPeople.safeParse({ email, team, name: nameOrAddress, password })
  if (data) return data
  throw new UserError(422, error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n'))
}

/** A password in an argument would be seen by everybody who lists processes. One line end at its end is not part of it. */
export async function readPassword(input: Readable): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of input) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '')
}
