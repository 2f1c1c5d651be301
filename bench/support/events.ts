import pg from 'pg'
import { firstHash, rowHash } from '../../server/platform/events/hash.js'
import { newId } from '../../server/platform/ids.js'

const types = [
  'site.updated',
  'deploy.requested',
  'deploy.succeeded',
  'site.environment-changed',
  'domain.added',
  'session.started',
]
const batch = 5000

/** One of twenty who act in turn. */
export const personId = newId()

/** A whole chain over three years, as many teams have it: most acts are deploys, one in a thousand is something rare. */
export async function seedEvents(ownerUrl: string, teamId: string, count: number): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl })
  await client.connect()
  try {
    const start = Date.now() - 3 * 365 * 24 * 3600_000
    await client.query(months, [new Date(start)])
    await client.query('select make_event_months()')
    await client.query('truncate events')
    await client.query(chained)
    const index = await takeWords(client)
    const rowOf = rowsOf(teamId, start, Math.floor((Date.now() - start) / count))
    let previous: Buffer = firstHash
    for (let first = 0; first < count; first += batch) {
      const rows = Array.from({ length: Math.min(batch, count - first) }, (_, index) => rowOf(first + index))
      const { rows: said } = await client.query(insertion, [JSON.stringify(rows), previous])
      previous = said[0].hash
    }
    await client.query(
      `insert into event_heads (team_id, sequence, hash, at) values ($1, $2, $3, now())
       on conflict (team_id) do update set sequence = excluded.sequence, hash = excluded.hash, at = excluded.at`,
      [teamId, count, previous],
    )
    await client.query(`set maintenance_work_mem = '256MB'`)
    await client.query(index)
    await client.query('vacuum analyze events')
  } finally {
    await client.end()
  }
}

/** To fill the index of words takes longer than to make it afterwards. Returns the statement that does. */
async function takeWords(client: pg.Client): Promise<string> {
  const { rows } = await client.query("select pg_get_indexdef('events_words'::regclass) as made")
  await client.query('drop index events_words')
  return String(rows[0].made).replace(' ON ONLY ', ' ON ')
}

function rowsOf(teamId: string, start: number, stepMs: number) {
  const people = Array.from({ length: 20 }, (_, number) => ({
    id: number === 0 ? personId : newId(),
    name: `Person ${number}`,
  }))
  const sites = Array.from({ length: 200 }, (_, number) => ({ id: newId(), name: `Site ${number}` }))
  return (number: number) => {
    const person = people[number % people.length] as (typeof people)[number]
    const site = sites[(number * 7) % sites.length] as (typeof sites)[number]
    return {
      ...{ id: newId(), team_id: teamId, sequence: number + 1 },
      type: number % 1000 === 0 ? 'site.removed' : (types[number % types.length] ?? ''),
      ...{ actor_kind: 'user', actor_id: person.id, actor_name: person.name },
      ...{ subject_kind: 'site', subject_id: site.id, subject_name: site.name },
      data: { name: site.name, deploy: number, branch: number % 5000 === 0 ? 'mauritius' : 'main' },
      ...{ at: new Date(start + number * stepMs), address: `203.0.113.${number % 250}` },
    }
  }
}

/** One event in each month that the log will have, so that its partition is made. */
const months = `
  insert into events (id, team_id, sequence, type, actor_kind, actor_name, subject_kind, data, at, previous_hash, hash)
  select uuidv7(), uuidv7(), 1, 'team.created', 'system', 'Hostler', 'team', '{}', month, '', ''
  from generate_series(date_trunc('month', $1::timestamptz at time zone 'UTC') at time zone 'UTC', now(), interval '1 month') month`

/** Events, each with its hash after the one before it. */
const chained = `
  create function pg_temp.chained(given json, previous bytea) returns setof events language plpgsql as $$
  declare
    event events;
  begin
    for event in select * from json_populate_recordset(null::events, given) loop
      event.previous_hash := previous;
      select ${rowHash} into previous from (select event.*) event;
      event.hash := previous;
      return next event;
    end loop;
  end $$`

const insertion = `
  with written as (insert into events select * from pg_temp.chained($1, $2) returning sequence, hash)
  select hash from written order by sequence desc limit 1`
