import type { TeamCtx, TeamTx } from '../../platform/access/ctx.js'
import type { DomainsRow, OwnCertificatesRow } from '../../platform/db/tables.js'
import { notFound } from '../../platform/errors.js'
import type { Secret } from '../../platform/secret.js'
import { deleteChallenge } from '../dns-challenges/challenge-queries.js'
import { obtainNow } from '../dns-challenges/dns-challenges.js'
import type { Front } from '../edges/front.js'
import { changeHeld, type FindHolder, touchHeld } from '../holders.js'
import * as queries from './own-queries.js'
import { type Checked, checkCertificate, refuseHalfChain } from './own-rules.js'
import type { NewCertificate } from './own-schema.js'

/** Certificates that somebody has from elsewhere. Caddy gets none for a domain that has one. */

/** In place of the one that it has. */
export const giveCertificate = (ctx: TeamCtx, find: FindHolder, given: NewCertificate): Promise<void> =>
  changeHeld(ctx, find, 'domain.certificate-given', async (tx, domain) => {
    const checked = checkCertificate(given, domain.name, ctx.now())
    refuseHalfChain(checked.chain)
    await putCertificate(tx, domain, { ...checked, privateKey: given.privateKey, source: 'given' })
    await deleteChallenge(tx, domain.id)
    await bringOut(tx, domain)
    return { issuer: checked.issuer }
  })

/** Caddy gets one by itself again, or the panel by DNS. */
export const takeCertificateAway = (ctx: TeamCtx, find: FindHolder): Promise<void> =>
  changeHeld(ctx, find, 'domain.certificate-removed', async (tx, domain) => {
    if (!(await queries.deleteOwn(tx, domain.id))) throw notFound('certificate')
    await obtainNow(tx, domain.id)
    await bringOut(tx, domain)
    return {}
  })

/** In place of what is there; `bringOut` brings it to the edge. */
export async function putCertificate(
  tx: TeamTx,
  domain: Pick<DomainsRow, 'id'>,
  { chain, issuer, beginsAt, endsAt, privateKey, source }: Checked & Origin,
): Promise<void> {
  const { ctx } = tx
  await queries.putOwn(tx, {
    ...{ domain_id: domain.id, team_id: ctx.team.id, chain, issuer, begins_at: beginsAt, ends_at: endsAt, source },
    key_sealed: ctx.services.vault.seal(privateKey, ownKeyPlace(domain.id)),
    ...{ given_by: ctx.actor.name, given_at: ctx.now() },
  })
}

interface Origin {
  privateKey: Secret
  source: OwnCertificatesRow['source']
}

/** What has changed of its certificate. */
export async function bringOut(tx: TeamTx, domain: DomainsRow): Promise<void> {
  await queries.forgetSeen(tx, domain.id)
  await touchHeld(tx, domain)
}

export const ownKeyPlace = (domainId: string) => ({ table: 'own_certificates', id: domainId, column: 'key_sealed' })

/** With their keys, for the edge alone. */
export const ownCertificates = async (tx: TeamTx, siteId: string): Promise<Front['certificates']> =>
  (await queries.sealedOf(tx, siteId)).map(({ domain_id, name, chain, key_sealed }) => ({
    id: domain_id,
    name,
    chain,
    key: tx.ctx.services.vault.open(key_sealed, ownKeyPlace(domain_id)),
  }))
