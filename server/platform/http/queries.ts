import type { Database } from '../db/doors.js'
import type { ApiAnswer } from './api-answer.js'
import type { Claim, IdempotencyStore } from './idempotency.js'

/** A process that died in the middle leaves its key claimed; nothing that answers a request takes this long. */
const abandonedAfterMs = 60_000
const keptForMs = 24 * 3_600_000

interface Row {
  is_same: boolean
  status: number | null
  response: { headers: Record<string, string>; body: unknown } | null
}

/** Keys live beside the team's rows, so an answer is given again whichever process is asked, and only to that team. */
export function sqlIdempotency(db: Database, clock: () => Date): IdempotencyStore {
  return {
    claim: (teamId, key, requestHash) =>
      db.inTeam(teamId, async (trx): Promise<Claim> => {
        const now = clock()
        const abandoned = new Date(now.getTime() - abandonedAfterMs)
        const old = new Date(now.getTime() - keptForMs)
        const won = await trx.raw<{ rowCount: number }>(
          `insert into idempotency_keys as known (team_id, key, request_hash, created_at) values (?, ?, ?, ?)
           on conflict (team_id, key) do update
             set request_hash = excluded.request_hash, created_at = excluded.created_at, status = null, response = null
             where (known.status is null and known.created_at < ?) or known.created_at < ?`,
          [teamId, key, requestHash, now, abandoned, old],
        )
        if (won.rowCount === 1) return { kind: 'new' }
        const found = await trx.raw<{ rows: Row[] }>(
          'select request_hash = ? as is_same, status, response from idempotency_keys where team_id = ? and key = ?',
          [requestHash, teamId, key],
        )
        return claimOf(found.rows[0])
      }),

    keep: (teamId, key, answer) =>
      db.inTeam(teamId, async (trx) => {
        const response = JSON.stringify({ headers: answer.headers, body: answer.body ?? null })
        await trx('idempotency_keys').where({ team_id: teamId, key }).update({ status: answer.status, response })
      }),

    release: (teamId, key) =>
      db.inTeam(teamId, async (trx) => {
        await trx('idempotency_keys').where({ team_id: teamId, key, status: null }).delete()
      }),
  }
}

function claimOf(row: Row | undefined): Claim {
  if (!row) return { kind: 'running' }
  if (!row.is_same) return { kind: 'other-request' }
  if (row.status === null || row.response === null) return { kind: 'running' }
  const answer: ApiAnswer = { status: row.status, headers: row.response.headers, body: row.response.body ?? undefined }
  return { kind: 'done', answer }
}
