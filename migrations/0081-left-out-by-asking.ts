import type { Knex } from 'knex'

/** What is found by asking is judged as a push is, and a delivery that cannot be judged yet holds up no other. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table deploys
      -- Of a deploy that nobody asked for: it ends by itself where nothing that came after this commit counts.
      add column unless_left_out_since text;

    alter table webhook_deliveries
      -- Not looked at before; at once where it is null.
      add column look_at timestamptz,
      drop constraint webhook_deliveries_outcome_check,
      add constraint webhook_deliveries_outcome_check
        check (outcome in ('judged', 'ping', 'not-used', 'unreadable', 'other-repository', 'installation', 'branch-made'));
  `)
}
