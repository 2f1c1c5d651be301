import type { Knex } from 'knex'

/** How a session was begun, whether a second factor is still due in it, and when its person last proved who they are. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table sessions
      add column begun_by text not null default 'password'
        check (begun_by in ('password', 'passkey', 'oidc', 'saml', 'github', 'google', 'recovery-code')),
      add column connection_id uuid,
      add column is_half boolean not null default false,
      add column password_proved_at timestamptz,
      add column factor_proved_at timestamptz
  `)
}
