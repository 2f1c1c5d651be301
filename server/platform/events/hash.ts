export const firstHash = Buffer.alloc(32)

/**
 * What PostgreSQL hashes of a row of `events`: every column and the hash before it, so that no row can be altered, removed
 * or put elsewhere unseen. The database hashes what it holds, as a million events take longer to be fetched than to be
 * hashed. Columns of one length stand first, as bytes; all others are the text of a row, whose quotes keep them apart and
 * tell an empty text from none. No setting of a connection alters either.
 */
export const rowHash = `sha256(previous_hash || uuid_send(id) || uuid_send(team_id) || int8send(sequence) || timestamptz_send(at)
  || convert_to(row(type, actor_kind, actor_id, actor_name, subject_kind, subject_id, subject_name, address, data)::text, 'UTF8'))`
