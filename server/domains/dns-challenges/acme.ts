import { readFileSync } from 'node:fs'
import { Agent } from 'node:https'
import type acme from 'acme-client'
import { UserError } from '../../platform/errors.js'
import { Secret } from '../../platform/secret.js'
import type { Services } from '../../platform/services.js'

/** The panel's own part of ACME (RFC 8555): by DNS, since Debian's Caddy can do all but that. */

/** Loaded by the first challenge: with all that it brings it takes 0.3 s, which no start of a process has to wait for. */
const library = async () => (await import('acme-client')).default

type Config = Pick<Services['config'], 'acme'>

const letsEncrypt = 'https://acme-v02.api.letsencrypt.org/directory'

export const directoryOf = ({ acme: settings }: Config): string => settings?.url?.href ?? letsEncrypt

export const newAccountKey = async (): Promise<Secret> => {
  const { crypto } = await library()
  return new Secret((await crypto.createPrivateEcdsaKey('P-256')).toString())
}

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

/** The order that is under way, which another worker may go on with. */
export interface OpenOrder {
  readonly url: string | null
  remember(url: string): Promise<void>
}

/** How a record is set and taken away. */
export interface Records {
  /** Sets it, once; says whether the world sees it yet. */
  show(value: string): Promise<boolean>
  remove(value: string): Promise<void>
}

/** Goes as far as it can in some seconds; null where the record is still to be seen. @throws UserError with what the CA said */
export async function obtainCertificate(
  config: Config,
  account: Account,
  name: string,
  { open, records }: { open: OpenOrder; records: Records },
): Promise<Obtained | null> {
  const { crypto } = await library()
  const client = await clientFor(config, account)
  if (account.url === null) await register(client, config, account)
  const order = await orderFor(client, name, open)
  for (const authorization of await said(client.getAuthorizations(order)))
    if (authorization.status !== 'valid' && !(await prove(client, authorization, records))) return null
  const [key, csr] = await crypto.createCsr({ altNames: [name] }, await crypto.createPrivateEcdsaKey('P-256'))
  const done = await said(client.finalizeOrder(order, csr))
  return { chain: await said(client.getCertificate(done)), privateKey: new Secret(key.toString()) }
}

/** One that was finalized and not fetched is lost with its key. */
async function orderFor(client: acme.Client, name: string, open: OpenOrder): Promise<acme.Order> {
  if (open.url !== null) {
    // `as`: its address is all that is read of it.
    const order = await said(client.getOrder({ url: open.url } as acme.Order))
    if (order.status === 'pending' || order.status === 'ready') return order
  }
  const order = await said(client.createOrder({ identifiers: [{ type: 'dns', value: name }] }))
  await open.remember(order.url)
  return order
}

async function prove(client: acme.Client, authorization: acme.Authorization, records: Records): Promise<boolean> {
  const challenge = authorization.challenges.find(({ type }) => type === 'dns-01')
  if (!challenge) throw new UserError(502, `The CA takes no proof by DNS for ${authorization.identifier.value}`)
  const value = await client.getChallengeKeyAuthorization(challenge)
  let isWaiting = false
  try {
    isWaiting = !(await records.show(value))
    if (isWaiting) return false
    await said(client.completeChallenge(challenge))
    await said(client.waitForValidStatus(challenge))
    return true
  } finally {
    if (!isWaiting) await records.remove(value)
  }
}

async function register(client: acme.Client, config: Config, account: Account): Promise<void> {
  const email = config.acme?.email
  const contact = email ? { contact: [`mailto:${email}`] } : {}
  await said(client.createAccount({ termsOfServiceAgreed: true, ...contact }))
  await account.remember(client.getAccountUrl())
}

async function clientFor(config: Config, account: Account): Promise<acme.Client> {
  const { axios, Client } = await library()
  // A CA of one's own has a certificate of its own; the setting is the operator's and one for the process.
  const rootFile = config.acme?.rootFile
  if (rootFile) axios.defaults.httpsAgent = new Agent({ ca: readFileSync(rootFile) })
  axios.defaults.timeout = 30_000
  const external = config.acme?.externalAccount
  return new Client({
    directoryUrl: directoryOf(config),
    accountKey: account.key.reveal(),
    ...(account.url === null ? {} : { accountUrl: account.url }),
    ...(external ? { externalAccountBinding: { kid: external.keyId, hmacKey: external.key.reveal() } } : {}),
    // A CA that is not done after a minute is asked anew later.
    ...{ backoffAttempts: 8, backoffMin: 1000, backoffMax: 15_000 },
  })
}

const said = <T>(asked: Promise<T>): Promise<T> =>
  asked.catch((cause: unknown) => {
    const words = cause instanceof Error ? cause.message.replace(/\s+/g, ' ').slice(0, 300) : 'nothing'
    throw new UserError(502, `The CA gives no certificate: ${words}`, undefined, { cause })
  })
