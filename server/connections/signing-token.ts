import { gitHosts } from '../git/hosts/hosts.js'
import type { TeamCtx } from '../platform/access/ctx.js'
import { conflict, FieldError } from '../platform/errors.js'
import { append } from '../platform/events/append.js'
import { findConnection, secretPlace } from './connections.js'
import * as queries from './queries.js'
import type { NewSigningToken } from './schema.js'

/** Made by the host, which signs with it from now on: it takes the place of our secret, which is not taken any more. */
export const setSigningToken = (ctx: TeamCtx, id: string, wanted: NewSigningToken): Promise<void> =>
  ctx.transaction(async (tx) => {
    const connection = await findConnection(tx, id)
    const { label, signingToken } = gitHosts[connection.host]
    if (!signingToken)
      throw new FieldError('signingToken', `${label} signs with the secret that was shown when it was connected`)
    if (!signingToken.isWhole(wanted.signingToken.reveal())) throw new FieldError('signingToken', signingToken.whatItIs)
    const sealed = ctx.services.vault.seal(wanted.signingToken, secretPlace(id))
    if (!(await queries.updateSecret(tx, id, { secret_sealed: sealed, has_signing_token: true })))
      throw conflict('The connection was removed in the same moment')
    await append(tx, {
      type: 'connection.secret-changed',
      subject: { kind: 'connection', id },
      data: { name: connection.repository_key, signingToken: true },
    })
  })
