import type { TeamTx } from '../platform/access/ctx.js'
import { maybeOwn } from './certificates/own-queries.js'
import { maybeChallenge } from './dns-challenges/challenge-queries.js'
import { challengeView } from './dns-challenges/dns-challenges.js'
import { dnsProviders } from './dns-challenges/providers/providers.js'
import { ownView } from './views.js'

/** What a page shows of a certificate that is not Caddy's, and of the ways to have one. */
export const heldCertificate = async (tx: TeamTx, domainId: string) => ({
  own: ownView(await maybeOwn(tx, domainId)),
  dnsChallenge: challengeView(await maybeChallenge(tx, domainId)),
  dnsProviders: Object.entries(dnsProviders).map(([value, { label, token }]) => ({ value, label, token })),
})
