import { isOpenFlow, keepProof, requestIdOf } from '../identities/identities.js'
import type { VisitorCtx } from '../platform/access/ctx.js'
import { notFound } from '../platform/errors.js'
import { parseForm } from '../platform/http/body.js'
import { beginSamlAttempt } from '../sessions/sessions.js'
import { recordingRefusal } from './refusals.js'
import { Refused, sourceOf } from './rules.js'
import { ownMetadata, proveSaml } from './saml.js'
import { findPublic, partiesOf } from './sign-in.js'

/**
 * A browser brings what a SAML provider said of somebody, by a form of another site, so that no cookie of ours comes
 * along: nobody is signed in by it. It is checked and kept, and whoever left with that word comes to get it. Returns the
 * word; @throws UserError 403, with one event, for all that cannot be believed, and 429 after many of these.
 */
export async function takeAnswer(ctx: VisitorCtx, id: string, body: Buffer, ip: string): Promise<string> {
  const { services } = ctx
  const connection = await findPublic(services, id)
  if (connection.kind !== 'saml') throw notFound('page')
  const { SAMLResponse: response, RelayState: state } = parseForm(body.toString('utf8'))
  return recordingRefusal(ctx, connection, ip, async () => {
    if (typeof response !== 'string' || typeof state !== 'string') throw new Refused('not-proven', 'no answer')
    const [source, requestId] = [sourceOf(connection), requestIdOf(state)]
    const isWaited = async (asked: string) =>
      asked === requestId && (await services.db.asIdentity((db) => isOpenFlow(db, source, state, services.clock())))
    if (!(await isWaited(requestId))) throw new Refused('not-begun-here')
    // Of what somebody began alone, and not of whatever a page elsewhere has a browser send.
    const attempt = await beginSamlAttempt(services, ip)
    const proof = await proveSaml(partiesOf(services, connection), { response, requestId, isWaited })
    const isKept = await services.db.asIdentity((db) => keepProof(db, source, { state, proof }, services.clock()))
    if (!isKept) throw new Refused('not-begun-here')
    await attempt.succeeded()
    return state
  })
}

/** What the provider is told of us. */
export async function metadataOf({ services }: VisitorCtx, id: string): Promise<string> {
  const connection = await findPublic(services, id)
  if (connection.kind !== 'saml') throw notFound('page')
  return ownMetadata(partiesOf(services, connection))
}
