import type { Knex } from 'knex'
import { all, grant } from '../server/platform/db/grants.js'

/** Certificates for wildcards, which a CA gives only to whoever can change the DNS of a name. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table own_certificates
      add column source text not null default 'given' check (source in ('given', 'dns'));

    -- With whom a record can be set for a wildcard, so that its certificate is obtained and renewed by itself.
    create table dns_challenges (
      domain_id uuid primary key references domains on delete cascade,
      team_id uuid not null references teams on delete cascade,
      provider text not null check (provider in ('cloudflare', 'digitalocean', 'httpreq')),
      -- Where it is spoken to, if that is not known of the provider.
      api_url text,
      token_sealed text not null,
      set_by text not null,
      set_at timestamptz not null,
      -- Not before. Whoever obtains it moves this on first, so that nobody else does meanwhile.
      due_at timestamptz not null,
      attempts integer not null default 0,
      fault text,
      -- What may still stand in the DNS, if whoever set it was lost.
      record_value text,
      obtained_at timestamptz
    );
    create index dns_challenges_due on dns_challenges (due_at);

    -- Who this panel is to a CA.
    create table acme_accounts (
      directory_url text primary key,
      key_sealed text not null,
      -- What the CA calls us, once it knows us.
      account_url text,
      created_at timestamptz not null
    );
  `)
  await grant(knex, 'dns_challenges', { team: all, system: ['select', 'update'], operator: ['select'] })
  await grant(knex, 'acme_accounts', { system: ['select', 'insert', 'update'] })
}
