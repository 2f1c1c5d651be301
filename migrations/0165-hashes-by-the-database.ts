import type { Knex } from 'knex'

/**
 * Events are hashed by the database from here on (server/platform/events/hash.ts), and those that are there anew. Anchors
 * from before sign hashes that are no more: the next is made within the hour.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    do $$
    declare
      event record;
      previous bytea;
      team uuid;
    begin
      for event in select team_id, sequence from events order by team_id, sequence loop
        if team is distinct from event.team_id then
          team := event.team_id;
          previous := coalesce((select hash from event_cuts where team_id = team), decode(repeat('00', 32), 'hex'));
        end if;
        update events set previous_hash = previous, hash = ${hash}
          where team_id = team and sequence = event.sequence returning hash into previous;
        update event_heads set hash = previous where team_id = team and sequence = event.sequence;
      end loop;
    end $$;
    delete from event_anchors;
  `)
}

const hash = `sha256(record_send(row(previous, id, team_id, sequence, at, type, actor_kind, actor_id, actor_name,
  subject_kind, subject_id, subject_name, address, data)))`
