import type { TeamTx } from '../../platform/access/ctx.js'

const tokens = (tx: TeamTx) => tx.db('github_tokens').where({ team_id: tx.ctx.team.id })

export interface KnownToken {
  readonly token_sealed: string | null
  readonly expires_at: Date | null
}

export const maybeToken = (tx: TeamTx, installationId: string, scope: string): Promise<KnownToken | undefined> =>
  tokens(tx).select('token_sealed', 'expires_at').where({ installation_id: installationId, scope }).first()

/** Whether we are the one who asks GitHub for the next; false while somebody else does, and where one is good so long. */
export async function claimToken(
  tx: TeamTx,
  { installationId, scope, goodUntil }: { installationId: string; scope: string; goodUntil: Date },
  until: Date,
): Promise<boolean> {
  const row = { installation_id: installationId, team_id: tx.ctx.team.id, scope, claimed_until: until }
  const claimed = await tx
    .db('github_tokens')
    .insert(row)
    .onConflict(['installation_id', 'scope'])
    .merge(['claimed_until'])
    .whereRaw('(github_tokens.claimed_until is null or github_tokens.claimed_until <= ?)', [tx.ctx.now()])
    .whereRaw('(github_tokens.expires_at is null or github_tokens.expires_at < ?)', [goodUntil])
    .returning('scope')
  return claimed.length === 1
}

export const putToken = async (
  tx: TeamTx,
  installationId: string,
  scope: string,
  token: { token_sealed: string | null; expires_at: Date | null },
): Promise<void> =>
  void (await tokens(tx)
    .where({ installation_id: installationId, scope })
    .update({ ...token, claimed_until: null }))

export const dropTokens = async (tx: TeamTx, installationId: string): Promise<void> =>
  void (await tokens(tx).where({ installation_id: installationId }).delete())
