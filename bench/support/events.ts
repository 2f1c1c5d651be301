import pg from 'pg'
import { type ChainedEvent, firstHash, hashOf } from '../../server/platform/events/event.js'
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
    const people = Array.from({ length: 20 }, (_, number) => ({
      id: number === 0 ? personId : newId(),
      name: `Person ${number}`,
    }))
    const sites = Array.from({ length: 200 }, (_, number) => ({ id: newId(), name: `Site ${number}` }))
    const start = Date.now() - 3 * 365 * 24 * 3600_000
    const stepMs = Math.floor((Date.now() - start) / count)
    let previous: Buffer = firstHash
    for (let first = 0; first < count; first += batch) {
      const rows = Array.from({ length: Math.min(batch, count - first) }, (_, index) => {
        const number = first + index
        const person = people[number % people.length] as (typeof people)[number]
        const site = sites[(number * 7) % sites.length] as (typeof sites)[number]
        const event: ChainedEvent = {
          ...{ id: newId(), team_id: teamId, sequence: number + 1 },
          type: number % 1000 === 0 ? 'site.removed' : (types[number % types.length] ?? ''),
          ...{ actor_kind: 'user', actor_id: person.id, actor_name: person.name },
          ...{ subject_kind: 'site', subject_id: site.id, subject_name: site.name },
          data: { name: site.name, deploy: number, branch: number % 5000 === 0 ? 'mauritius' : 'main' },
          ...{ at: new Date(start + number * stepMs), previous_hash: previous, address: `203.0.113.${number % 250}` },
        }
        previous = hashOf(event)
        return {
          ...event,
          previous_hash: `\\x${event.previous_hash.toString('hex')}`,
          hash: `\\x${previous.toString('hex')}`,
        }
      })
      await client.query(insert, [JSON.stringify(rows)])
    }
    await client.query(
      `insert into event_heads (team_id, sequence, hash, at) values ($1, $2, $3, now())
       on conflict (team_id) do update set sequence = excluded.sequence, hash = excluded.hash, at = excluded.at`,
      [teamId, count, previous],
    )
    await client.query('set lock_timeout = 0; select make_event_months(); analyze events')
  } finally {
    await client.end()
  }
}

const insert = `insert into events (id, team_id, sequence, type, actor_kind, actor_id, actor_name, subject_kind, subject_id,
    data, at, previous_hash, hash, address, subject_name)
  select id, team_id, sequence, type, actor_kind, actor_id, actor_name, subject_kind, subject_id,
    data, at, previous_hash::bytea, hash::bytea, address, subject_name
  from json_to_recordset($1) as row (id uuid, team_id uuid, sequence bigint, type text, actor_kind text, actor_id uuid,
    actor_name text, subject_kind text, subject_id uuid, data jsonb, at timestamptz, previous_hash text, hash text,
    address text, subject_name text)`
