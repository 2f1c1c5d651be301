import type { TeamRef } from '../../server/platform/access/ctx.js'
import { allPermissions } from '../../server/platform/access/permissions.js'
import { newId } from '../../server/platform/ids.js'
import { hashOfToken } from '../../server/platform/link-token.js'
import { Secret } from '../../server/platform/secret.js'
import { days } from '../support/clock.js'
import { insert } from '../support/make.js'
import type { ServersWorld } from '../support/servers.js'

/** How a team's people sign in by their own provider, and the secret for it, which is returned. */
export async function seedSignIn(
  w: ServersWorld,
  team: TeamRef,
  texts: { person?: string; message?: string },
): Promise<string[]> {
  const { test, services } = w
  const at = services.clock()
  const id = newId()
  const secret = `client-secret-${newId()}`
  const ofTeam = { team_id: team.id }
  await insert(test, 'sign_in_connections', {
    ...{ ...ofTeam, id, kind: 'oidc', name: texts.message ?? 'Okta', default_role: 'viewer' },
    ...{ created_by: texts.person ?? 'Ada', created_at: at },
  })
  const issuer = 'https://127.0.0.1:9'
  await insert(test, 'oidc_settings', {
    ...{ ...ofTeam, connection_id: id, issuer, client_id: 'hostler', metadata_at: at },
    metadata: JSON.stringify({
      ...{ issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token` },
      jwks_uri: `${issuer}/keys`,
    }),
    client_secret_sealed: services.vault.seal(new Secret(secret), {
      ...{ table: 'oidc_settings', id, column: 'client_secret_sealed' },
    }),
  })
  await insert(test, 'domain_claims', {
    ...{
      ...ofTeam,
      id: newId(),
      name: team.slug === 'acme' ? 'example.com' : `${team.slug}.example.com`,
      proven_at: at,
    },
    ...{ check_due_at: new Date(at.getTime() + 3600_000), created_by: texts.person ?? 'Ada', created_at: at },
  })
  const who = team.slug === 'acme' ? w.people.owner.id : w.people.stranger.id
  await insert(test, 'identities', {
    ...{ id: newId(), user_id: who, provider: 'connection', connection_id: id, subject: texts.person ?? 'ada' },
    ...{ email: 'ada@example.com', created_at: at },
  })
  return [secret, await seedDirectory(w, team, id, who)]
}

/** So that a body can name it. */
export const directoryGroupOf = ({ slug }: Pick<TeamRef, 'slug'>): string =>
  slug === 'acme' ? '019a0000-0000-7000-8000-000000000001' : '019a0000-0000-7000-8000-000000000002'

/** A directory that has told of one person, in a group that holds a role. Its token is returned. */
async function seedDirectory(w: ServersWorld, team: TeamRef, connection: string, who: string): Promise<string> {
  const token = `hst_scim_${newId()}`
  const [user, group] = [newId(), directoryGroupOf(team)]
  const at = w.services.clock()
  const ofConnection = { team_id: team.id, connection_id: connection, created_at: at }
  await insert(w.test, 'directory_tokens', {
    ...{ ...ofConnection, id: newId(), prefix: token.slice(0, 15), token_hash: hashOfToken(token) },
    ...{
      permissions: allPermissions,
      created_by: 'Ada',
      expires_at: new Date(at.getTime() + days(365)),
      last_used_at: at,
    },
  })
  await insert(w.test, 'directory_users', {
    ...{ ...ofConnection, id: user, user_name: 'ada@example.com', display_name: 'Ada', email: 'ada@example.com' },
    ...{ is_active: true, user_id: who, changed_at: at },
  })
  await insert(w.test, 'directory_groups', { ...ofConnection, id: group, display_name: 'Builders', changed_at: at })
  await insert(w.test, 'directory_group_members', {
    directory_group_id: group,
    directory_user_id: user,
    team_id: team.id,
  })
  const mapped = { id: newId(), team_id: team.id, role: 'viewer', role_name: 'Viewer', created_at: at }
  await insert(w.test, 'directory_roles', { ...mapped, directory_group_id: group, created_by: 'Ada' })
  return token
}
