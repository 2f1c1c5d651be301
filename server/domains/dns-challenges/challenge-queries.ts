import type { TeamTx } from '../../platform/access/ctx.js'
import type { TransactionOf } from '../../platform/db/doors.js'
import type { AcmeAccountsRow, DnsChallengesRow } from '../../platform/db/tables.js'

type System = TransactionOf<'system'>

const ofTeam = (tx: TeamTx) => tx.db('dns_challenges').where({ team_id: tx.ctx.team.id })

export const maybeChallenge = (tx: TeamTx, domainId: string): Promise<DnsChallengesRow | undefined> =>
  ofTeam(tx).select('*').where({ domain_id: domainId }).first()

/** It cannot be taken away before the end of the transaction. */
export const lockChallenge = (tx: TeamTx, domainId: string): Promise<DnsChallengesRow | undefined> =>
  ofTeam(tx).select('*').where({ domain_id: domainId }).forUpdate().first()

type NewChallenge = Pick<
  DnsChallengesRow,
  'domain_id' | 'team_id' | 'provider' | 'api_url' | 'token_sealed' | 'set_by' | 'set_at' | 'due_at'
>

/** What was wrong with the one before is not wrong with this one. */
export const putChallenge = async (tx: TeamTx, row: NewChallenge): Promise<void> =>
  void (await tx
    .db('dns_challenges')
    .insert(row)
    .onConflict('domain_id')
    .merge({ ...row, attempts: 0, fault: null }))

export const updateChallenge = async (
  tx: TeamTx,
  domainId: string,
  change: Partial<Pick<DnsChallengesRow, 'due_at' | 'attempts' | 'fault' | 'record_value' | 'obtained_at'>>,
): Promise<boolean> => (await ofTeam(tx).where({ domain_id: domainId }).update(change)) === 1

export const deleteChallenge = async (tx: TeamTx, domainId: string): Promise<boolean> =>
  (await ofTeam(tx).where({ domain_id: domainId }).delete()) === 1

export type Due = Pick<DnsChallengesRow, 'domain_id' | 'team_id'>

/** The next that is due, of a name that is proven; taken for a while. */
export async function claimDue(db: System, now: Date, until: Date): Promise<Due | undefined> {
  const next = db('dns_challenges as c')
    .join('domains as d', 'd.id', 'c.domain_id')
    .select('c.domain_id')
    .where('c.due_at', '<=', now)
    .whereNotNull('d.verified_at')
    .orderBy('c.due_at')
    .limit(1)
    .forUpdate('c')
    .skipLocked()
  const [row] = await db('dns_challenges')
    .whereIn('domain_id', next)
    .update({ due_at: until, attempts: db.raw('attempts + 1') })
    .returning(['domain_id', 'team_id'])
  return row
}

export const maybeAccount = (
  db: System,
  directoryUrl: string,
): Promise<Pick<AcmeAccountsRow, 'key_sealed' | 'account_url'> | undefined> =>
  db('acme_accounts').where({ directory_url: directoryUrl }).first('key_sealed', 'account_url')

export const setAccountUrl = async (db: System, directoryUrl: string, url: string): Promise<void> =>
  void (await db('acme_accounts').where({ directory_url: directoryUrl }).update({ account_url: url }))

/** The one that was there first counts. */
export const insertAccount = async (
  db: System,
  row: { directory_url: string; key_sealed: string; created_at: Date },
): Promise<void> => void (await db('acme_accounts').insert(row).onConflict().ignore())
