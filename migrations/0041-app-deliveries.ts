import type { Knex } from 'knex'

/** One app signs for all the repositories that it is installed on, and stands in for the webhook and the token of each. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table repository_connections
      -- The repository tells of its pushes, and is spoken to, through an app.
      add column installation_id uuid references github_installations on delete set null,
      alter column secret_sealed drop not null;
    create index connections_installation on repository_connections (installation_id) where installation_id is not null;

    alter table webhook_deliveries
      alter column connection_id drop not null,
      -- Signed with the secret of an app, whichever repository it is about.
      add column github_app_id uuid references github_apps on delete cascade,
      add column repository_key text,
      add constraint one_signer check (num_nonnulls(connection_id, github_app_id) = 1),
      add unique (github_app_id, delivery),
      drop constraint webhook_deliveries_outcome_check,
      add constraint webhook_deliveries_outcome_check
        check (outcome in ('judged', 'ping', 'not-used', 'unreadable', 'other-repository', 'installation'));
  `)
}
