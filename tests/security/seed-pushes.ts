import { createHash, randomInt } from 'node:crypto'
import { tokenPlace } from '../../server/connections/speaking.js'
import type { TeamRef } from '../../server/platform/access/ctx.js'
import { newId } from '../../server/platform/ids.js'
import { Secret } from '../../server/platform/secret.js'
import { insert } from '../support/make.js'
import type { ServersWorld } from '../support/servers.js'

/** Its address deploys the team's site. */
export const hookOf = (team: Pick<TeamRef, 'slug'>): string => `${team.slug}-hook`.padEnd(43, 'x')

/** A connection, a push that it told of with the verdict for the site, and one that was refused. Returns the secrets. */
export async function seedPushes(
  { test, services }: ServersWorld,
  team: TeamRef,
  siteId: string,
  texts: { subject?: string; branch?: string; person?: string; message?: string },
): Promise<string[]> {
  const at = services.clock()
  const repository = `127.0.0.1/${team.slug}/shop`
  const secret = `webhook-${newId()}`
  const connection = newId()
  const token = `host-token-${newId()}`
  const tokenSealed = services.vault.seal(new Secret(token), tokenPlace(connection))
  const sealed = services.vault.seal(new Secret(secret), {
    table: 'repository_connections',
    id: connection,
    column: 'secret_sealed',
  })
  await insert(test, 'repository_connections', {
    // Of the kind that knows most of what a connection can be.
    ...{ id: connection, team_id: team.id, host: 'gitlab', repository_key: repository },
    ...{ web_origin: 'https://git.example.com', offers_repositories: true },
    ...{
      token_sealed: tokenSealed,
      token_by: texts.person ?? 'Ada',
      token_at: at,
      statuses_fault: texts.message ?? null,
    },
    ...{ secret_sealed: sealed, created_by: texts.person ?? 'Ada', created_at: at, last_delivery_at: at },
  })
  const delivery = newId()
  await insert(test, 'webhook_deliveries', {
    ...{ id: delivery, team_id: team.id, connection_id: connection, delivery: newId(), event: 'push' },
    ...{ headers: JSON.stringify({ 'x-github-event': 'push' }), body: Buffer.from('{"ref":"refs/heads/main"}') },
    ...{ received_at: at, outcome: 'judged', branch: texts.branch ?? 'main', commit_sha: 'a'.repeat(40) },
    ...{ commit_subject: texts.subject ?? 'First', pusher: texts.person ?? 'Ada' },
  })
  await insert(test, 'delivery_verdicts', {
    ...{ delivery_id: delivery, site_id: siteId, team_id: team.id, verdict: 'frozen' },
    ...{ detail: texts.message ?? null, judged_at: at },
  })
  await insert(test, 'refused_deliveries', {
    ...{ team_id: team.id, host: 'github', repository_key: repository, why: 'bad-signature' },
    ...{ hour: at, count: 2, last_at: at },
  })
  await test.query('update sites set deploy_hook_hash = $2, frozen_reason = $3, reconcile_fault = $3 where id = $1', [
    siteId,
    createHash('sha256').update(hookOf(team)).digest(),
    texts.message ?? null,
  ])
  return [secret, token, hookOf(team), ...(await seedGithubApp({ test, services }, team, texts))]
}

/** An app with an installation, a repository, a token and somebody on the way to GitHub. Returns the secrets. */
async function seedGithubApp(
  { test, services }: Pick<ServersWorld, 'test' | 'services'>,
  team: TeamRef,
  texts: { person?: string; message?: string },
): Promise<string[]> {
  const at = services.clock()
  const [app, installation] = [newId(), newId()]
  const number = String(randomInt(1, 2 ** 40))
  const secrets = { private_key: newId(), webhook_secret: newId(), client_secret: newId() }
  const seal = (column: string, secret: string, id = app, table = 'github_apps') =>
    services.vault.seal(new Secret(secret), { table, id, column })
  await insert(test, 'github_apps', {
    // Nobody answers there.
    ...{
      id: app,
      team_id: team.id,
      host: '127.0.0.1',
      web_url: 'http://127.0.0.1:9',
      api_url: 'http://127.0.0.1:9/api/v3',
    },
    ...{ app_id: number, name: texts.person ?? 'Hostler', page_url: 'http://127.0.0.1:9/apps/hostler' },
    ...{ owner: texts.person ?? 'acme', created_by: texts.person ?? 'Ada', created_at: at },
    private_key_sealed: seal('private_key_sealed', secrets.private_key),
    webhook_secret_sealed: seal('webhook_secret_sealed', secrets.webhook_secret),
    client_secret_sealed: seal('client_secret_sealed', secrets.client_secret),
  })
  await insert(test, 'github_installations', {
    ...{ id: installation, team_id: team.id, github_app_id: app, installation_id: number },
    ...{ account: texts.person ?? 'acme', selection: 'all', created_at: at, refresh_fault: texts.message ?? null },
  })
  await insert(test, 'github_repositories', {
    ...{ installation_id: installation, team_id: team.id, remote_id: number, is_private: true },
    ...{ repository_key: `127.0.0.1/${team.slug}/shop`, full_name: `${team.slug}/shop`, default_branch: 'main' },
  })
  const token = newId()
  await insert(test, 'github_tokens', {
    ...{ installation_id: installation, team_id: team.id, scope: 'all', expires_at: at },
    token_sealed: seal('token_sealed', token, `${installation} all`, 'github_tokens'),
  })
  await insert(test, 'github_app_starts', {
    ...{ hash: createHash('sha256').update(newId()).digest(), session_hash: Buffer.alloc(32), team_id: team.id },
    ...{ web_url: 'https://github.com', created_at: at, expires_at: at },
  })
  return [...Object.values(secrets), token]
}
