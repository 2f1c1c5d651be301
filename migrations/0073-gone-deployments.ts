import type { Knex } from 'knex'

/** A host is told also of what is gone here: that a deploy was cancelled, and that a site is no more. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table commit_statuses
      -- Each ends within a day, and goes 30 days later.
      drop constraint commit_statuses_site_id_fkey,
      drop constraint commit_statuses_deploy_id_fkey,
      drop constraint commit_statuses_state_check,
      add constraint commit_statuses_state_check
        check (state in ('queued', 'running', 'live', 'failed', 'cancelled', 'superseded', 'removed')),
      add constraint only_deployments_are_removed check (kind = 'deployment' or state <> 'removed');
  `)
}
