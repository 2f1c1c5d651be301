import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import type { PasskeysRow, UsersRow } from '../../platform/db/tables.js'
import { FieldError } from '../../platform/errors.js'
import type { Services } from '../../platform/services.js'
import * as queries from './passkey-queries.js'
import { challengeMs, type Purpose } from './rules.js'

/** Loaded when a passkey is first asked for: with all that it brings it takes 0.4 s, which no start of a process has to wait for. */
const library = () => import('@simplewebauthn/server')

/** One browser, and what it asks for: a challenge that was made for another one is worth nothing (MF-06). */
export interface Asker {
  readonly holder: string
  readonly purpose: Purpose
}

/** What the browser needs to make a passkey, with a challenge for this browser alone. */
export async function optionsToAdd(services: Services, asker: Asker, user: UsersRow) {
  const known = await services.db.asIdentity((db) => queries.passkeysOf(db, user.id))
  const { generateRegistrationOptions } = await library()
  const options = await generateRegistrationOptions({
    rpName: 'Hostler',
    rpID: services.config.baseUrl.hostname,
    userID: new Uint8Array(Buffer.from(user.id.replaceAll('-', ''), 'hex')),
    userName: user.email,
    userDisplayName: user.name,
    excludeCredentials: known.map(credentialOf),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  })
  await keep(services, asker, options.challenge)
  return options
}

/** What the browser needs to use a passkey: one of those, or, for whoever has not said who they are, any. */
export async function optionsToUse(services: Services, asker: Asker, userId?: string) {
  const known = userId === undefined ? [] : await services.db.asIdentity((db) => queries.passkeysOf(db, userId))
  const { generateAuthenticationOptions } = await library()
  const options = await generateAuthenticationOptions({
    rpID: services.config.baseUrl.hostname,
    allowCredentials: known.map(credentialOf),
    userVerification: 'required',
  })
  await keep(services, asker, options.challenge)
  return options
}

/** Throws 422 unless this browser made it just now, for our own name and origin, with its user verified. */
export async function checkAdded(services: Services, asker: Asker, response: unknown) {
  const { verifyRegistrationResponse } = await library()
  const { verified, registrationInfo } = await checking(services, asker, (expectedChallenge) =>
    verifyRegistrationResponse({
      response: response as RegistrationResponseJSON, // `as`: its schema checked the form, and the library checks the rest
      expectedChallenge,
      ...expectedOf(services),
    }),
  )
  if (!verified) return refuse()
  return registrationInfo.credential
}

/** The same for its use. Writes down that it was used. */
export async function checkUsed(services: Services, asker: Asker, passkey: PasskeysRow, response: unknown) {
  const { verifyAuthenticationResponse } = await library()
  const { verified, authenticationInfo } = await checking(services, asker, (expectedChallenge) =>
    verifyAuthenticationResponse({
      response: response as AuthenticationResponseJSON, // `as`: as above
      expectedChallenge,
      credential: {
        id: passkey.credential_id,
        publicKey: new Uint8Array(passkey.public_key),
        counter: Number(passkey.counter),
      },
      ...expectedOf(services),
    }),
  )
  if (!verified) refuse()
  const { newCounter } = authenticationInfo
  const marked = await services.db.asIdentity((db) => queries.markUsed(db, passkey.id, newCounter, services.clock()))
  if (marked === 0) refuse()
}

/** Whatever the library throws is said of the passkey; what the database does in between is no fault of it. */
async function checking<T>(
  services: Services,
  asker: Asker,
  verify: (claiming: (challenge: string) => Promise<boolean>) => Promise<T>,
): Promise<T> {
  let fault: unknown
  const claiming = (challenge: string) =>
    claim(services, asker, challenge).catch((error: unknown) => {
      fault = error
      throw error
    })
  return verify(claiming).catch(() => {
    if (fault !== undefined) throw fault
    return refuse()
  })
}

/** The library says in English what did not fit; whoever asks learns only that it did not. */
export function refuse(): never {
  throw new FieldError('form', 'This passkey was not accepted: try again')
}

const expectedOf = ({ config: { baseUrl } }: Services) => ({
  expectedOrigin: baseUrl.origin,
  expectedRPID: baseUrl.hostname,
  requireUserVerification: true,
})

const keep = (services: Services, asker: Asker, challenge: string): Promise<void> =>
  services.db.asIdentity((db) =>
    queries.replaceChallenge(db, {
      ...asker,
      challenge,
      expires_at: new Date(services.clock().getTime() + challengeMs),
    }),
  )

const claim = (services: Services, asker: Asker, challenge: string): Promise<boolean> =>
  services.db.asIdentity((db) => queries.claimChallenge(db, { ...asker, challenge }, services.clock()))

const credentialOf = ({ credential_id, transports }: PasskeysRow) => ({ id: credential_id, transports })
