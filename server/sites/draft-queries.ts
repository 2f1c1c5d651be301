import type { TeamTx } from '../platform/access/ctx.js'
import type { SiteDraftsRow } from '../platform/db/tables.js'

const draftsOfTeam = (tx: TeamTx) => tx.db('site_drafts').where({ team_id: tx.ctx.team.id })

export const maybeDraft = (tx: TeamTx, id: string): Promise<SiteDraftsRow | undefined> =>
  draftsOfTeam(tx).select('*').where({ id }).first()

/** Newest first. */
export const recentDrafts = (
  tx: TeamTx,
  limit: number,
): Promise<Pick<SiteDraftsRow, 'id' | 'repository_url' | 'created_at'>[]> =>
  draftsOfTeam(tx).select('id', 'repository_url', 'created_at').orderBy('created_at', 'desc').limit(limit)

export const insertDraft = async (
  tx: TeamTx,
  row: Omit<SiteDraftsRow, 'found'> & { found: string | null },
): Promise<void> => void (await tx.db('site_drafts').insert(row))

export const updateDraft = async (tx: TeamTx, id: string, found: string): Promise<void> =>
  void (await draftsOfTeam(tx).where({ id }).update({ found }))

export const deleteDraft = async (tx: TeamTx, id: string): Promise<boolean> =>
  (await draftsOfTeam(tx).where({ id }).delete()) === 1

export const deleteDraftsBefore = (tx: TeamTx, before: Date): Promise<number> =>
  draftsOfTeam(tx).where('created_at', '<', before).delete()
