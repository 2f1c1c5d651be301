import type { Knex } from 'knex'

/**
 * What the audit page asks: any filter, newest first, in words too. One statement in two functions: `audit_events` under
 * the caller's own row-level security, and `team_audit_events` for a whole team, which finds words by their index. Under
 * row-level security PostgreSQL may not use that: matching words is not leakproof. So this one takes no team but the one
 * of the transaction.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create index events_time on events (team_id, at desc, sequence desc);
    create index events_actor on events (team_id, actor_id, at desc, sequence desc);
    create index events_name on events (team_id, subject_name, at desc, sequence desc) where subject_name is not null;
    create index events_type on events (team_id, type, at desc, sequence desc);
    create index events_address on events (team_id, address, at desc, sequence desc) where address is not null;
    create index events_words on events using gin (${words});
  `)
  await knex.raw(find('audit_events', 'team uuid,', 'team', 'security invoker'))
  await knex.raw(
    find(
      'team_audit_events',
      '',
      `nullif(current_setting('hostler.team_id', true), '')::uuid`,
      'security definer set search_path = public, pg_temp',
    ),
  )
  await knex.raw(`
    revoke all on function audit_events, team_audit_events from public;
    grant execute on function audit_events to hostler_part, hostler_operator;
    grant execute on function team_audit_events to hostler_team;
  `)
}

/** Whatever is no letter or digit parts words, so that a part of an address or of a name is found as well. */
const words = `to_tsvector('simple', translate(
  type || ' ' || actor_name || ' ' || subject_kind || ' ' || coalesce(subject_name, '') || ' ' || coalesce(address, '')
    || ' ' || data::text,
  E'.,:;/\\\\\\\\-_@="{}[]()<>+&|!\\x3f*%#~^\`$''', repeat(' ', 40)))`

/** Planned anew each time: which index is best depends on what is asked for. */
const find = (name: string, parameter: string, team: string, security: string) => `
  create function ${name}(${parameter} person uuid, types text[], kind text, subject uuid, named text, since timestamptz,
    until timestamptz, caller text, wanted text, below_at timestamptz, below_sequence bigint, most int)
  returns setof events language plpgsql stable ${security} set plan_cache_mode = force_custom_plan as $$
  begin
    return query select * from events e where e.team_id = ${team}
      and (person is null or e.actor_id = person)
      and (types is null or e.type = any(types))
      and (kind is null or e.subject_kind = kind)
      and (subject is null or e.subject_id = subject)
      and (named is null or e.subject_name = named)
      and (since is null or e.at >= since)
      and (until is null or e.at < until)
      and (caller is null or e.address = caller)
      and (wanted is null or ${words.replace(/\b(type|actor_name|subject_kind|subject_name|address|data)\b/g, 'e.$1')} @@ to_tsquery('simple', wanted))
      and (below_at is null or (e.at, e.sequence) < (below_at, below_sequence))
      order by e.at desc, e.sequence desc limit most;
  end $$`
