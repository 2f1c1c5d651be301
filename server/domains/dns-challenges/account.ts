import type { Services } from '../../platform/services.js'
import { type Account, directoryOf, newAccountKey } from './acme.js'
import * as queries from './challenge-queries.js'

/** Who this panel is to the CA. One for each, and for each account there; several workers may make it in one moment, and the first counts. */
export async function accountOf({ db, vault, config, clock }: Services): Promise<Account> {
  const external = config.acme?.externalAccount ?? null
  const account = { directory_url: directoryOf(config), external_key_id: external?.keyId ?? '' }
  const id = [account.directory_url, ...(external ? [external.keyId] : [])].join(' ')
  const place = { table: 'acme_accounts', id, column: 'key_sealed' }
  const find = () => db.asSystem((trx) => queries.maybeAccount(trx, account))
  if (!(await find())) {
    const key_sealed = vault.seal(await newAccountKey(), place)
    await db.asSystem((trx) => queries.insertAccount(trx, { ...account, key_sealed, created_at: clock() }))
  }
  const row = await find()
  if (!row) throw new Error('The account was not written')
  return {
    key: vault.open(row.key_sealed, place),
    url: row.account_url,
    remember: (accountUrl) => db.asSystem((trx) => queries.setAccountUrl(trx, account, accountUrl)),
  }
}
