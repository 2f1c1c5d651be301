import type { Knex } from 'knex'

/** People of the whole panel may sign in by GitHub and Google, too. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table identities drop constraint identities_provider_check;
    alter table identities add check (provider in ('connection', 'github', 'google'));
    alter table sign_in_flows drop constraint sign_in_flows_provider_check;
    alter table sign_in_flows add check (provider in ('connection', 'github', 'google'));
  `)
}
