import { createRelease } from '../../server/deploys/releases.js'
import { ownKeyPlace } from '../../server/domains/certificates/own.js'
import { TeamCtx, type TeamRef } from '../../server/platform/access/ctx.js'
import { newId } from '../../server/platform/ids.js'
import { Secret } from '../../server/platform/secret.js'
import { generateKey } from '../../server/platform/ssh/keys.js'
import { keyPlace } from '../../server/servers/host-targets.js'
import { credentialPlace } from '../../server/sites/credentials.js'
import { placeOf } from '../../server/sites/environment.js'
import { findSite } from '../../server/sites/sites.js'
import { insert, makeServer, makeSite } from '../support/make.js'
import { password } from '../support/people.js'
import type { ServersWorld } from '../support/servers.js'
import { seedPreviews } from './seed-previews.js'
import { seedPushes } from './seed-pushes.js'
import { seedRoles } from './seed-roles.js'
import { seedSignIn } from './seed-sign-in.js'

/** A team that has one of everything, with a secret in every place that can hold one. */
export interface Seeded {
  readonly team: TeamRef
  /** Of the server and the site, as their owner has to type it. */
  readonly name: string
  readonly serverId: string
  readonly siteId: string
  readonly operationId: string
  readonly secrets: readonly string[]
}

/** What only this team can fill into a body. */
export const wordsOf = ({ name, team }: Seeded): Readonly<Record<string, unknown>> => ({
  confirm: name,
  server: `${team.slug}-two`,
  site: name,
  on: 'site',
  thing: name,
  networks: [],
  branch: 'main',
  stack: 'node',
  buildCommand: 'npm run build',
  startCommand: 'node server.js',
  deploy: 'later',
  password,
})

/** What may be different in a test: the texts that people and machines wrote. */
export type Texts = Partial<Record<'site' | 'server' | 'subject' | 'line' | 'branch' | 'message' | 'person', string>>

export async function seedTeam(w: ServersWorld, team: TeamRef, first: number, texts: Texts = {}): Promise<Seeded> {
  const { test, services } = w
  const name = `${team.slug}-one`
  const key = generateKey('seeded')
  const secrets = {
    token: `token-${newId()}`,
    value: `value-${newId()}`,
    key: key.privateKey.reveal().split('\n')[2] ?? '',
    hash: `$2b$10$${newId()}`,
    certificate: `certificate-key-${newId()}`,
  }
  const at = services.clock()
  const inviter = w.people[team.slug === 'acme' ? 'owner' : 'stranger'].id
  const known = { team_id: team.id, at }

  const server = { id: newId(), slug: name }
  await makeServer(test, team, {
    ...server,
    name: texts.server ?? name,
    kind: 'ssh',
    address: '127.0.0.1',
    port: 9,
    username: 'deploy',
    public_key: key.publicLine,
    private_key_sealed: services.vault.seal(key.privateKey, keyPlace(server.id)),
    status_message: texts.message ?? null,
  })
  const reading = {
    cpu_percent: 1,
    memory_used_bytes: 1,
    memory_total_bytes: 2,
    disk_used_bytes: 1,
    disk_total_bytes: 2,
  }
  await insert(test, 'server_readings', { server_id: server.id, load_1m: 1, ...reading, ...known })

  // This machine, which can be asked; the other one cannot be reached.
  const here = { id: newId(), slug: `${team.slug}-two` }
  await makeServer(test, team, { ...here, root: `${w.folder}/${here.slug}` })

  const siteId = newId()
  await makeSite(test, here, team, {
    id: siteId,
    slug: name,
    name: texts.site ?? name,
    state_reason: texts.message ?? null,
    branch: texts.branch ?? 'main',
    credential_kind: 'token',
    credential_sealed: services.vault.seal(new Secret(`user:${secrets.token}`), credentialPlace(siteId)),
  })
  await insert(test, 'environment_variables', {
    site_id: siteId,
    team_id: team.id,
    key: `${team.slug.toUpperCase()}_KEY`,
    kind: 'both',
    is_secret: true,
    value_sealed: services.vault.seal(new Secret(secrets.value), placeOf(siteId, `${team.slug.toUpperCase()}_KEY`)),
    value_digest: services.vault.digest(new Secret(secrets.value), siteId),
    updated_at: at,
  })
  const domainId = newId()
  await insert(test, 'support_grants', {
    ...{
      id: newId(),
      team_id: team.id,
      operator_id: w.people.operator.id,
      reason: texts.message ?? 'The site is down',
    },
    ...{ hours: 1, requested_at: at },
  })
  await insert(test, 'invitations', {
    ...{ id: newId(), team_id: team.id, email: `newcomer@${team.slug}.example.com`, role: 'viewer', is_mailed: true },
    ...{ token_hash: Buffer.from(`invitation of ${team.slug}`), invited_by: inviter, created_at: at, sent_at: at },
    expires_at: new Date(at.getTime() + 7 * 24 * 3600_000),
  })
  await insert(test, 'domains', {
    id: domainId,
    team_id: team.id,
    site_id: siteId,
    name: `www.${team.slug}.example.com`,
    parent: `${team.slug}.example.com`,
    role: 'primary',
    token: 'seeded',
    findings: JSON.stringify([{ tone: 'bad', title: texts.message ?? 'There is no record', hint: null }]),
    check_due_at: new Date(at.getTime() + 3600_000),
    checked_at: at,
    created_at: at,
  })
  await insert(test, 'domains', {
    id: newId(),
    team_id: team.id,
    server_id: server.id,
    name: `*.${team.slug}.example.com`,
    parent: `${team.slug}.example.com`,
    role: 'serve',
    token: 'seeded',
    check_due_at: new Date(at.getTime() + 3600_000),
    created_at: at,
  })
  await insert(test, 'own_certificates', {
    domain_id: domainId,
    team_id: team.id,
    chain: 'seeded',
    key_sealed: services.vault.seal(new Secret(secrets.certificate), ownKeyPlace(domainId)),
    issuer: texts.message ?? 'A CA',
    begins_at: at,
    ends_at: new Date(at.getTime() + 24 * 3600_000),
    given_by: texts.person ?? 'Ada',
    given_at: at,
  })
  await insert(test, 'fronts', { site_id: siteId, team_id: team.id, maintenance_text: texts.message ?? '' })
  await insert(test, 'visitor_passwords', {
    id: newId(),
    team_id: team.id,
    site_id: siteId,
    username: 'visitor',
    password_hash: secrets.hash,
    changed_at: at,
  })
  await insert(test, 'site_drafts', {
    id: newId(),
    team_id: team.id,
    server_id: here.id,
    repository_url: 'https://127.0.0.1:9/acme/shop.git',
    credential_kind: 'none',
    found: JSON.stringify({
      branches: ['main'],
      defaultBranch: 'main',
      branch: 'main',
      rootFolder: '',
      detection: null,
    }),
    created_at: at,
  })
  const operationId = await seedDeploy(w, team, { site: { id: siteId, slug: name }, server: here, first, texts })

  await seedRoles(w, team, siteId)
  const ofPushes = await seedPushes(w, team, siteId, texts)
  const ofPreviews = await seedPreviews(w, team, siteId, texts)
  const ofSignIn = await seedSignIn(w, team, texts)

  return {
    team,
    name,
    serverId: server.id,
    siteId,
    operationId,
    secrets: [...Object.values(secrets), ...ofPushes, ...ofPreviews, ...ofSignIn],
  }
}

interface DeployScene {
  site: { id: string; slug: string }
  server: { id: string }
  first: number
  texts: Texts
}

/** A deploy that ended, with what it built, wrote and left running. */
async function seedDeploy(
  w: ServersWorld,
  team: TeamRef,
  { site, server, first, texts }: DeployScene,
): Promise<string> {
  const { test, services } = w
  const at = services.clock()
  await test.query('update sites set next_release = $2 where id = $1', [site.id, first])
  const release = await TeamCtx.system(services, team).transaction(async (tx) =>
    createRelease(tx, await findSite(tx, site.slug), {
      sha: 'a'.repeat(40),
      subject: texts.subject ?? 'First',
      author: texts.person ?? 'Ada',
      date: at,
    }),
  )
  await test.query(`update releases set state = 'live', artifact = '/somewhere', live_at = $2 where id = $1`, [
    release,
    at,
  ])
  await test.query(`update sites set live_release_id = $2, state = 'active' where id = $1`, [site.id, release])

  const operation = { id: newId(), team_id: team.id }
  const deployId = newId()
  await insert(test, 'operations', {
    ...operation,
    kind: 'deploy',
    subject: `site:${site.id}`,
    title: `Deploy ${texts.site ?? site.slug}`,
    input: JSON.stringify({ deployId }),
    status: 'succeeded',
    message: texts.message ?? null,
    hint: texts.message ?? null,
    requested_by: texts.person ?? 'Ada',
    created_at: at,
    started_at: at,
    ended_at: at,
  })
  const ofOperation = { operation_id: operation.id, team_id: team.id }
  await insert(test, 'operation_steps', {
    ...ofOperation,
    position: 1,
    name: 'Check the server',
    state: 'succeeded',
    message: texts.message ?? null,
    started_at: at,
    ended_at: at,
  })
  const line = texts.line ?? 'It is reachable'
  await insert(test, 'operation_log', { ...ofOperation, sequence: 1, step: 1, stream: 'stdout', line, at })
  const ofSite = { team_id: team.id, site_id: site.id, created_at: at }
  await insert(test, 'deploys', {
    ...ofSite,
    id: deployId,
    operation_id: operation.id,
    number: first,
    kind: 'deploy',
    branch: texts.branch ?? 'main',
    release_id: release,
    requested_by: texts.person ?? 'Ada',
  })
  const instance = { id: newId(), server_id: server.id, release_id: release, port: 20_000 + first, state: 'live' }
  await insert(test, 'instances', { ...ofSite, ...instance })
  return operation.id
}
