export const firstHash = Buffer.alloc(32)

/**
 * What PostgreSQL hashes of a row of `events`: every column and the hash before it, so that no row can be altered, removed
 * or put elsewhere unseen. The database hashes what it holds: to fetch a million events takes longer than to hash them.
 * Hashed is the binary form of a row, where each field stands behind its length, which for none is less than nothing; its
 * texts are in the encoding of the connection, which is UTF-8 for every client of ours.
 */
export const rowHash = `sha256(record_send(row(previous_hash, id, team_id, sequence, at, type, actor_kind, actor_id, actor_name,
  subject_kind, subject_id, subject_name, address, data)))`
