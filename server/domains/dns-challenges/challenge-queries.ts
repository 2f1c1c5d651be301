import type { TeamTx } from '../../platform/access/ctx.js'
import type { TransactionOf } from '../../platform/db/doors.js'
import type { AcmeAccountsRow, DnsChallengesRow } from '../../platform/db/tables.js'

type System = TransactionOf<'system'>

const ofTeam = (tx: TeamTx) => tx.db('dns_challenges').where({ team_id: tx.ctx.team.id })

export const maybeChallenge = (tx: TeamTx, domainId: string): Promise<DnsChallengesRow | undefined> =>
  ofTeam(tx).select('*').where({ domain_id: domainId }).first()

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
    .merge({ ...row, ...fresh }))

/** Whoever was working on it has lost it. */
const fresh = { attempts: 0, fault: null, order_url: null, record_set_at: null, taken_by: null, taken_until: null }

/** False where there is none. */
export const makeDue = async (tx: TeamTx, domainId: string, now: Date): Promise<boolean> =>
  (await ofTeam(tx).where({ domain_id: domainId }).update({ due_at: now, attempts: 0 })) === 1

export const deleteChallenge = async (tx: TeamTx, domainId: string): Promise<boolean> =>
  (await ofTeam(tx).where({ domain_id: domainId }).delete()) === 1

export type Taken = Pick<DnsChallengesRow, 'domain_id' | 'team_id'> & { taken_by: string }

type Limits = { ofAll: number; ofTeam: number }

/** The next that is due, of a name that is proven and of the team with the fewest in hand; nobody else takes it until then. */
export async function takeDue(
  db: System,
  by: { taken_by: string; taken_until: Date },
  now: Date,
  { ofAll, ofTeam: most }: Limits,
): Promise<Taken | undefined> {
  // Whoever counts has to be alone.
  await db.raw("select pg_advisory_xact_lock(hashtextextended('dns-challenges', 0))")
  const inHand = db('dns_challenges')
    .where('taken_until', '>', now)
    .select('team_id')
    .count('* as many')
    .groupBy('team_id')
  const next = db('dns_challenges as c')
    .with('hand', inHand)
    .join('domains as d', 'd.id', 'c.domain_id')
    .leftJoin('hand as h', 'h.team_id', 'c.team_id')
    .select('c.domain_id')
    .where('c.due_at', '<=', now)
    .where((free) => free.whereNull('c.taken_until').orWhere('c.taken_until', '<=', now))
    .whereNotNull('d.verified_at')
    .whereRaw('coalesce(h.many, 0) < ? and (select coalesce(sum(many), 0) from hand) < ?', [most, ofAll])
    .orderByRaw('coalesce(h.many, 0), c.due_at')
    .limit(1)
  const [row] = await db('dns_challenges').whereIn('domain_id', next).update(by).returning(['domain_id', 'team_id'])
  return row && { ...row, taken_by: by.taken_by }
}

const taken = (tx: TeamTx, { domain_id, taken_by }: Taken) => ofTeam(tx).where({ domain_id, taken_by })

export const maybeTaken = (tx: TeamTx, it: Taken): Promise<DnsChallengesRow | undefined> =>
  taken(tx, it).select('*').first()

/** It stays whose it is until the end of the transaction. */
export const lockTaken = (tx: TeamTx, it: Taken): Promise<DnsChallengesRow | undefined> =>
  taken(tx, it).select('*').forUpdate().first()

type Progress = Partial<
  Pick<
    DnsChallengesRow,
    'due_at' | 'attempts' | 'fault' | 'order_url' | 'record_value' | 'record_set_at' | 'obtained_at'
  >
>

/** False when it was taken away or given another token meanwhile. */
export const updateTaken = async (tx: TeamTx, it: Taken, change: Progress): Promise<boolean> =>
  (await taken(tx, it).update(change)) === 1

export const letGo = async (tx: TeamTx, it: Taken, change: Progress): Promise<void> =>
  void (await taken(tx, it).update({ ...change, taken_by: null, taken_until: null }))

type AccountKey = Pick<AcmeAccountsRow, 'directory_url' | 'external_key_id'>

export const maybeAccount = (
  db: System,
  account: AccountKey,
): Promise<Pick<AcmeAccountsRow, 'key_sealed' | 'account_url'> | undefined> =>
  db('acme_accounts').where(account).first('key_sealed', 'account_url')

export const setAccountUrl = async (db: System, account: AccountKey, url: string): Promise<void> =>
  void (await db('acme_accounts').where(account).update({ account_url: url }))

/** The one that was there first counts. */
export const insertAccount = async (
  db: System,
  row: AccountKey & { key_sealed: string; created_at: Date },
): Promise<void> => void (await db('acme_accounts').insert(row).onConflict().ignore())
