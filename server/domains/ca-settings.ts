import { Secret } from '../platform/secret.js'
import type { Services } from '../platform/services.js'
import type { Ca } from './edges/front.js'
import * as queries from './front-queries.js'
import { acmeOf } from './fronts.js'

/** Which settings of the CA those are, for comparing. Nobody reads them from it. */
export function digestOf({ vault }: Services, ca: Ca | null): string {
  if (ca === null) return 'none'
  const { url, email, rootPem, externalAccount } = ca
  const all = [url, email, rootPem, externalAccount?.keyId ?? null, externalAccount?.key.reveal() ?? null]
  return vault.digest(new Secret(JSON.stringify(all)), 'settings of the CA').toString('base64url')
}

/** Has the edges hear of it that the operator has set something else. */
export async function bringCaSettings(services: Services): Promise<void> {
  const ca = digestOf(services, await acmeOf(services))
  await services.db.asSystem(async (db) => {
    await queries.assumeCa(db, ca)
    await queries.touchOtherCa(db, ca)
  })
}
