import { gitHosts } from '../git/hosts/hosts.js'
import type { TeamCtx, TeamTx } from '../platform/access/ctx.js'
import { conflict, FieldError } from '../platform/errors.js'
import { append } from '../platform/events/append.js'
import { OutboundFault } from '../platform/outbound/fault.js'
import { Secret } from '../platform/secret.js'
import { findConnection } from './connections.js'
import * as queries from './queries.js'
import type { NewToken } from './schema.js'
import { apiBase, tokenPlace } from './speaking.js'

/**
 * With a token we tell the host how deploys went. The address that it is for is given with it and never without: who may
 * change the address alone could send a token that they do not have to a host of theirs.
 */
export const setToken = (ctx: TeamCtx, id: string, wanted: NewToken): Promise<void> =>
  ctx.transaction(async (tx) => {
    const connection = await findConnection(tx, id)
    if (wanted.offersRepositories) refuseUnlessListed(connection)
    const sealed = ctx.services.vault.seal(new Secret(wanted.token), tokenPlace(id))
    const isSet = await queries.updateToken(tx, id, {
      token_sealed: sealed,
      token_by: ctx.actor.name,
      token_at: ctx.now(),
      api_url: reachable(ctx, connection, wanted.apiUrl),
      offers_repositories: wanted.offersRepositories,
    })
    if (!isSet) throw conflict('The connection was removed in the same moment')
    await queries.sendStatusesAgain(tx, id, ctx.now())
    await tell(tx, connection, 'connection.token-set', wanted.offersRepositories ? { offersRepositories: true } : {})
  })

/** From now on the host is told nothing. */
export const removeToken = (ctx: TeamCtx, id: string): Promise<void> =>
  ctx.transaction(async (tx) => {
    const connection = await findConnection(tx, id)
    if (!connection.token_at) return
    await queries.updateToken(tx, id, {
      ...{ token_sealed: null, token_by: null, token_at: null },
      ...{ api_url: null, offers_repositories: false },
    })
    await tell(tx, connection, 'connection.token-removed')
  })

/** Told with the token and never without: only who has it may show others what it reads. */
function refuseUnlessListed({ host }: queries.Connection): void {
  const { label, api } = gitHosts[host]
  if (!api.repositories)
    throw new FieldError('offersRepositories', `A token of ${label} is for one repository. Its app lists them`)
}

/** An address of one's own, or null for the one that follows from the repository's; either can be spoken to. */
function reachable(ctx: TeamCtx, connection: queries.Connection, apiUrl: string | null): string | null {
  try {
    const url = ctx.services.outbound.check(apiBase({ ...connection, api_url: apiUrl }))
    if (url.search !== '' || url.hash !== '') throw new OutboundFault('refused', 'The address may not contain ? or #')
    return apiUrl && url.href.replace(/\/+$/, '')
  } catch (error) {
    if (!(error instanceof OutboundFault)) throw error
    throw new FieldError('apiUrl', error.message)
  }
}

const tell = (
  tx: TeamTx,
  { id, repository_key: name }: queries.Connection,
  type: 'connection.token-set' | 'connection.token-removed',
  data: Record<string, unknown> = {},
): Promise<string> => append(tx, { type, subject: { kind: 'connection', id }, data: { name, ...data } })
