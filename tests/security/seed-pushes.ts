import { createHash } from 'node:crypto'
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
    ...{ id: connection, team_id: team.id, host: 'github', repository_key: repository },
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
  return [secret, token, hookOf(team)]
}
