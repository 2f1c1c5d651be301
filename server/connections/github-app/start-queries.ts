import type { TeamTx } from '../../platform/access/ctx.js'
import type { GithubAppStartsRow } from '../../platform/db/tables.js'

const starts = (tx: TeamTx) => tx.db('github_app_starts').where({ team_id: tx.ctx.team.id })

export const insertStart = async (tx: TeamTx, row: Omit<GithubAppStartsRow, 'used_at'>): Promise<void> =>
  void (await tx.db('github_app_starts').insert(row))

export const deleteStartsBefore = async (tx: TeamTx, before: Date): Promise<void> =>
  void (await starts(tx).where('expires_at', '<', before).delete())

/** Used once, by the browser that began, before it expires; undefined for any other. */
export const claimStart = async (
  tx: TeamTx,
  of: { hash: Buffer; session_hash: Buffer; isInstall: boolean },
): Promise<Pick<GithubAppStartsRow, 'github_app_id' | 'web_url'> | undefined> =>
  (
    await starts(tx)
      .where({ hash: of.hash, session_hash: of.session_hash })
      .whereNull('used_at')
      .where('expires_at', '>', tx.ctx.now())
      .whereRaw(of.isInstall ? 'github_app_id is not null' : 'github_app_id is null')
      .update({ used_at: tx.ctx.now() })
      .returning(['github_app_id', 'web_url'])
  )[0]

export const giveBackStart = async (tx: TeamTx, hash: Buffer): Promise<void> =>
  void (await starts(tx).where({ hash }).update({ used_at: null }))
