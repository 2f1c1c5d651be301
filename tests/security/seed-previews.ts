import type { TeamRef } from '../../server/platform/access/ctx.js'
import { newId } from '../../server/platform/ids.js'
import { Secret } from '../../server/platform/secret.js'
import { insert } from '../support/make.js'
import type { ServersWorld } from '../support/servers.js'

/** A pull request of a fork that waits to be looked at, and a secret of previews, which is returned. */
export async function seedPreviews(
  { test, services }: ServersWorld,
  team: TeamRef,
  siteId: string,
  texts: { subject?: string; branch?: string; person?: string; message?: string },
): Promise<string[]> {
  const at = services.clock()
  const key = `${team.slug.toUpperCase()}_KEY`
  const secret = `preview-${newId()}`
  const place = { table: 'preview_variables', id: `${siteId}/${key}`, column: 'value_sealed' }
  await insert(test, 'preview_settings', { site_id: siteId, team_id: team.id, is_on: true, most: 5, kept_days: 14 })
  await insert(test, 'preview_variables', {
    ...{ site_id: siteId, team_id: team.id, key, kind: 'both', is_secret: true, updated_at: at },
    value_sealed: services.vault.seal(new Secret(secret), place),
  })
  const [site] = await test.query('select repository_key from sites where id = $1', [siteId])
  await insert(test, 'previews', {
    ...site,
    ...{ id: newId(), team_id: team.id, site_id: siteId, number: team.slug === 'acme' ? 12 : 7012 },
    ...{ title: texts.subject ?? 'Sell more', author: texts.person ?? 'octocat', head_branch: texts.branch ?? 'more' },
    ...{ base_branch: texts.branch ?? 'main', head_commit: 'a'.repeat(40), is_fork: true, is_open: true },
    ...{ pushed_at: at, created_at: at, fault: texts.message ?? null, tell_fault: texts.message ?? null },
  })
  return [secret]
}
