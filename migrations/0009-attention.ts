import type { Knex } from 'knex'

/**
 * What the first page asks, answered by an index however many sites there are: which sites ended their last deploy badly,
 * which servers are in trouble, which disks are full, what runs. And what ⌘K and the activity page look things up by.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- The last deploy that came to an end, when it failed; null when it succeeded. A cancelled one changes nothing.
    alter table sites add column failing_deploy_id uuid references deploys on delete set null;
    update sites set failing_deploy_id = last.id
      from (
        select distinct on (deploy.site_id) deploy.id, deploy.site_id, operation.status
        from deploys deploy join operations operation on operation.id = deploy.operation_id
        where operation.status in ('succeeded', 'failed')
        order by deploy.site_id, deploy.number desc
      ) last
      where last.site_id = sites.id and last.status = 'failed';

    create index sites_failing on sites (team_id, failing_deploy_id desc) where failing_deploy_id is not null;
    create index sites_live on sites (team_id) where live_release_id is not null;
    -- "C", so that a prefix is a range whatever language the database was made for; the name, so that it is enough to look here.
    create index sites_search on sites (team_id, slug collate "C") include (name);
    create index servers_in_trouble on servers (team_id) where status = 'unreachable' or host_key_changed_to is not null;
    create index server_readings_full on server_readings (team_id, at desc) where disk_used_bytes * 10 > disk_total_bytes * 9;
    create index operations_open_of_team on operations (team_id, created_at) where status in ('queued', 'running');
    create index events_actor on events (team_id, actor_id, sequence desc);
  `)
}
