import type { Knex } from 'knex'
import { all, grant } from '../server/platform/db/grants.js'

/** Who is asked into a team, by which address, and as what: on all of it, or on a part as `role_grants` has it. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table invitations (
      id uuid primary key,
      team_id uuid not null references teams on delete cascade,
      email text not null,
      role text check (role in ('owner', 'admin', 'developer', 'billing', 'viewer')),
      role_id uuid references roles on delete cascade,
      site_id uuid references sites on delete cascade,
      server_id uuid references servers on delete cascade,
      group_id uuid references site_groups on delete cascade,
      token_hash bytea not null unique,
      -- The link went to the address itself; else whoever invited passed it on, and it proves nothing.
      is_mailed boolean not null,
      invited_by uuid not null references users on delete cascade,
      created_at timestamptz not null,
      sent_at timestamptz not null,
      expires_at timestamptz not null,
      accepted_at timestamptz,
      accepted_by uuid references users on delete set null,
      revoked_at timestamptz,
      check (num_nonnulls(role, role_id) = 1),
      check (num_nonnulls(site_id, server_id, group_id) <= 1),
      check (accepted_at is null or revoked_at is null)
    );
    create unique index invitations_open on invitations (team_id, lower(email))
      where accepted_at is null and revoked_at is null;
    create index invitations_team on invitations (team_id, created_at);
    create index invitations_inviter on invitations (invited_by);
  `)
  await grant(knex, 'invitations', { identity: all, operator: ['select'] })
}
