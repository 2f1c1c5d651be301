import type { TeamRef } from '../../server/platform/access/ctx.js'
import { newId } from '../../server/platform/ids.js'
import { Secret } from '../../server/platform/secret.js'
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
  return [secret]
}
