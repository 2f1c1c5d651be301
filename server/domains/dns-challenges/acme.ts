import { readFileSync } from 'node:fs'
import { Agent } from 'node:https'
import acme from 'acme-client'
import { UserError } from '../../platform/errors.js'
import { Secret } from '../../platform/secret.js'
import type { Services } from '../../platform/services.js'

/** The panel's own part of ACME (RFC 8555): by DNS, since Debian's Caddy can do all but that. */

type Config = Pick<Services['config'], 'acme'>

export const directoryOf = ({ acme: settings }: Config): string =>
  settings?.url?.href ?? acme.directory.letsencrypt.production

export const newAccountKey = async (): Promise<Secret> =>
  new Secret((await acme.crypto.createPrivateEcdsaKey('P-256')).toString())

/** Who this panel is to the CA. */
export interface Account {
  readonly key: Secret
  /** Null until the CA knows us. */
  readonly url: string | null
  remember(url: string): Promise<void>
}

export interface Obtained {
  /** PEM: its own first, then who signed it. */
  readonly chain: string
  readonly privateKey: Secret
}

/** How a record is set and taken away. `present` comes back when the world sees it. */
export interface Records {
  present(value: string): Promise<void>
  remove(value: string): Promise<void>
}

/** Takes some seconds to minutes. @throws UserError with what the CA said */
export async function obtainCertificate(
  config: Config,
  account: Account,
  name: string,
  records: Records,
): Promise<Obtained> {
  const client = clientFor(config, account)
  if (account.url === null) await register(client, config, account)
  const order = await client.createOrder({ identifiers: [{ type: 'dns', value: name }] }).catch(asSentence)
  for (const authorization of await client.getAuthorizations(order)) {
    if (authorization.status === 'valid') continue
    const challenge = authorization.challenges.find(({ type }) => type === 'dns-01')
    if (!challenge) throw new UserError(502, `The CA takes no proof by DNS for ${name}`)
    const value = await client.getChallengeKeyAuthorization(challenge)
    try {
      await records.present(value)
      await client.completeChallenge(challenge)
      await client.waitForValidStatus(challenge).catch(asSentence)
    } finally {
      await records.remove(value)
    }
  }
  const [key, csr] = await acme.crypto.createCsr({ altNames: [name] }, await acme.crypto.createPrivateEcdsaKey('P-256'))
  const done = await client.finalizeOrder(order, csr).catch(asSentence)
  return { chain: await client.getCertificate(done), privateKey: new Secret(key.toString()) }
}

async function register(client: acme.Client, config: Config, account: Account): Promise<void> {
  const email = config.acme?.email
  const contact = email ? { contact: [`mailto:${email}`] } : {}
  await client.createAccount({ termsOfServiceAgreed: true, ...contact }).catch(asSentence)
  await account.remember(client.getAccountUrl())
}

function clientFor(config: Config, account: Account): acme.Client {
  // A CA of one's own has a certificate of its own; the setting is the operator's and one for the process.
  const rootFile = config.acme?.rootFile
  if (rootFile) acme.axios.defaults.httpsAgent = new Agent({ ca: readFileSync(rootFile) })
  acme.axios.defaults.timeout = 30_000
  return new acme.Client({
    directoryUrl: directoryOf(config),
    accountKey: account.key.reveal(),
    ...(account.url === null ? {} : { accountUrl: account.url }),
    ...{ backoffAttempts: 20, backoffMin: 1000, backoffMax: 15_000 },
  })
}

function asSentence(error: unknown): never {
  const said = error instanceof Error ? error.message.replace(/\s+/g, ' ').slice(0, 300) : 'nothing'
  throw new UserError(502, `The CA gives no certificate: ${said}`, undefined, { cause: error })
}
