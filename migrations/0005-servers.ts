import type { Knex } from 'knex'
import { all, grant } from '../server/platform/db/grants.js'

/** The machines that sites run on. Facts and readings are what was last observed, with the time of it. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table servers (
      id uuid primary key,
      team_id uuid not null references teams on delete cascade,
      slug text not null check (slug ~ '^[a-z][a-z0-9-]{1,40}$'),
      name text not null,
      -- 'local' is the machine Hostler itself runs on and needs no SSH.
      kind text not null check (kind in ('ssh', 'local')),
      address text,
      port integer check (port between 1 and 65535),
      username text,
      root text not null,
      public_key text,
      private_key_sealed text,
      -- Pinned at first contact: 'SHA256:…' and the whole key.
      host_key_fingerprint text,
      host_key text,
      -- Seen instead of the pinned one; while set, nothing runs there.
      host_key_changed_to text,
      runtime text check (runtime in ('docker', 'process')),
      edge text check (edge in ('caddy', 'direct')),
      status text not null default 'new' check (status in ('new', 'preparing', 'ready', 'unreachable')),
      status_message text,
      checklist jsonb,
      facts jsonb,
      checked_at timestamptz,
      seen_at timestamptz,
      created_at timestamptz not null,
      unique (team_id, slug),
      check (kind = 'local' or (address is not null and port is not null and username is not null))
    );
    create table server_readings (
      server_id uuid not null references servers on delete cascade,
      team_id uuid not null references teams on delete cascade,
      at timestamptz not null,
      cpu_percent real not null,
      memory_used_bytes bigint not null,
      memory_total_bytes bigint not null,
      disk_used_bytes bigint not null,
      disk_total_bytes bigint not null,
      load_1m real not null,
      primary key (server_id, at)
    );
  `)
  await grant(knex, 'servers', { team: all, system: ['select', 'update'], operator: ['select', 'update'] })
  await grant(knex, 'server_readings', { team: ['select'], system: all, operator: ['select'] })
}
