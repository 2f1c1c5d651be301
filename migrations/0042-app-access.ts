import type { Knex } from 'knex'

/** A site whose repository lets us in through a GitHub App keeps no secret of its own. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table sites drop constraint sites_credential_kind_check,
      add constraint sites_credential_kind_check
        check (credential_kind in ('none', 'token', 'deploy-key', 'github-app'));
    alter table site_drafts drop constraint site_drafts_credential_kind_check,
      add constraint site_drafts_credential_kind_check
        check (credential_kind in ('none', 'token', 'deploy-key', 'github-app'));
  `)
}
