import type { Knex } from 'knex'
import { currentTeam, grant, seesServer, seesSite } from '../server/platform/db/grants.js'

/**
 * The log gets the caller's address and the name that the subject bore, and a partition for each month, so that what is
 * older than seven years can go without a right to delete. What fits no month that was made waits in the default one.
 *
 * The number of an event is unique within its month by an index, and within its chain because the head is locked. The
 * panel may not make or drop tables; two functions of the owner do that, and only with what is due by the clock of the
 * database.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table events rename to events_in_one;
    create table events (
      id uuid not null,
      team_id uuid not null,
      sequence bigint not null,
      type text not null,
      actor_kind text not null check (actor_kind in ('user', 'api-key', 'system')),
      actor_id uuid,
      actor_name text not null,
      subject_kind text not null,
      subject_id uuid,
      data jsonb not null,
      at timestamptz not null,
      previous_hash bytea not null,
      hash bytea not null,
      address text,
      subject_name text
    ) partition by range (at);
    create table events_default partition of events default;
    create unique index on events_default (team_id, sequence);
    alter table events_default enable row level security;

    insert into events_default (id, team_id, sequence, type, actor_kind, actor_id, actor_name, subject_kind, subject_id,
        data, at, previous_hash, hash)
      select id, team_id, sequence, type, actor_kind, actor_id, actor_name, subject_kind, subject_id,
        data, at, previous_hash, hash from events_in_one;
    drop table events_in_one;
    create index events_subject on events (team_id, subject_kind, subject_id, at desc, sequence desc);

    alter table event_heads add column at timestamptz;
    alter table event_cursors add column at timestamptz;
    create table event_cuts (
      team_id uuid primary key,
      sequence bigint not null,
      hash bytea not null,
      before timestamptz not null,
      made_at timestamptz not null
    );
  `)
  await grant(knex, 'events', {
    team: ['select', 'insert'],
    part: {
      rights: ['select', 'insert'],
      sees: `subject_kind = 'site' and (${seesSite('subject_id')})
        or subject_kind = 'server' and (${seesServer('subject_id')})
        or subject_kind = 'operation' and exists (select from operations where operations.id = subject_id)`,
    },
    identity: ['select', 'insert'],
    system: ['select', 'insert'],
    operator: ['select', 'insert'],
  })
  await knex.raw(`alter policy part on events with check (team_id = ${currentTeam})`)
  await grant(knex, 'event_cuts', { team: ['select'], system: ['select'], operator: ['select'] })
  await knex.raw(makeMonths)
  await knex.raw(dropOldMonths)
  await knex.raw(`
    revoke all on function make_event_months(), drop_old_event_months() from public;
    grant execute on function make_event_months(), drop_old_event_months() to hostler_system;
    select make_event_months();
  `)
}

/** The month of now, the three after it, and those of whatever waits in the default partition. Returns what it made. */
const makeMonths = `
  create function make_event_months() returns setof text
  language plpgsql security definer set search_path = public, pg_temp set lock_timeout = '5s' as $$
  declare
    horizon constant timestamp := date_trunc('month', now() at time zone 'UTC') + interval '3 months';
    month timestamp;
    partition text;
    starts timestamptz;
    ends timestamptz;
  begin
    perform pg_advisory_xact_lock(1702258035);
    for month in
      select distinct date_trunc('month', at at time zone 'UTC') from events_default
        where at at time zone 'UTC' < horizon + interval '1 month' and at >= '2000-01-01'
      union
      select generate_series(date_trunc('month', now() at time zone 'UTC'), horizon, interval '1 month')
      order by 1
    loop
      partition := 'events_' || to_char(month, 'YYYY_MM');
      continue when to_regclass('public.' || partition) is not null;
      starts := month at time zone 'UTC';
      ends := (month + interval '1 month') at time zone 'UTC';

      lock table events_default in access exclusive mode;
      execute format('create table %I (like events including defaults including constraints)', partition);
      execute format('alter table %I enable row level security', partition);
      execute format('create unique index on %I (team_id, sequence)', partition);
      execute format('with moved as (delete from events_default where at >= %L and at < %L returning *)
        insert into %I select * from moved', starts, ends, partition);
      execute format('alter table events attach partition %I for values from (%L) to (%L)', partition, starts, ends);
      return next partition;
    end loop;
  end $$`

/**
 * Whole months of which nothing is younger than seven years, the oldest first. Each chain keeps the number and the hash of
 * its last event that went, so that what follows still has something to follow. A month that some chain would lose from
 * its middle stays, and with it all that come after.
 */
const dropOldMonths = `
  create function drop_old_event_months() returns table (month text, events bigint)
  language plpgsql security definer set search_path = public, pg_temp set lock_timeout = '5s' as $$
  #variable_conflict use_column
  declare
    cutoff constant timestamp := now() at time zone 'UTC' - interval '7 years';
    partition text;
    ends timestamptz;
    is_middle boolean;
  begin
    perform pg_advisory_xact_lock(1702258035);
    for partition in
      select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'public.events'::regclass and c.relname ~ '^events_[0-9]{4}_[0-9]{2}$'
          and to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month' <= cutoff
        order by c.relname
    loop
      ends := (to_date(right(partition, 7), 'YYYY_MM') + interval '1 month') at time zone 'UTC';
      lock table events in access exclusive mode;
      execute format('select exists (
          select from (select team_id, max(sequence) as sequence from %I group by team_id) going
          join events kept on kept.team_id = going.team_id and kept.sequence < going.sequence and kept.at >= $1
        )', partition) into is_middle using ends + interval '1 day';
      if is_middle then
        raise exception 'The events of % are not the oldest of their chains', partition;
      end if;
      execute format('insert into event_cuts as kept (team_id, sequence, hash, before, made_at)
        select distinct on (team_id) team_id, sequence, hash, $1, now() from %I order by team_id, sequence desc
        on conflict (team_id) do update set sequence = excluded.sequence, hash = excluded.hash,
          before = excluded.before, made_at = excluded.made_at where kept.sequence < excluded.sequence', partition)
        using ends;
      month := partition;
      execute format('select count(*) from %I', partition) into events;
      execute format('drop table %I', partition);
      return next;
    end loop;
  end $$`
