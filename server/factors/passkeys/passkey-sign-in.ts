import type { VisitorCtx } from '../../platform/access/ctx.js'
import type { UsersRow } from '../../platform/db/tables.js'
import { forbidden } from '../../platform/errors.js'
import { noteRefusal, visitor } from '../../platform/events/refusals.js'
import type { NewCookie } from '../../platform/http/cookies.js'
import { beginPasskeyAttempt, replaceSession, type Whence } from '../../sessions/sessions.js'
import { maybeUser } from '../../users/users.js'
import { checkUsed, optionsToUse, refuse } from './ceremonies.js'
import * as queries from './passkey-queries.js'
import { askerOf, type Credential } from './passkeys.js'

/** A browser before its sign-in. `visitor`: what its forms are bound to. */
export type From = Whence & { readonly visitor: string | undefined; readonly oldCookie: string | undefined }

/** For the browser: how to sign in with a passkey. Names nobody, so it tells nobody who has one (SE-07). */
export async function beginPasskeySignIn(ctx: VisitorCtx, from: From) {
  await beginPasskeyAttempt(ctx.services, from.ip)
  return optionsToUse(ctx.services, askerOf(ctx, 'sign-in', from.visitor))
}

/** A whole session for a passkey alone: it proves both what one has and, by its PIN or finger, who one is. */
export async function signInWithPasskey(ctx: VisitorCtx, response: Credential, from: From): Promise<NewCookie> {
  const { services } = ctx
  const found = await services.db.asIdentity(async (db) => {
    const passkey = await queries.maybePasskey(db, response.id)
    return { passkey, user: passkey && (await maybeUser(db, passkey.user_id)) }
  })
  const { passkey, user } = found
  if (!passkey || user?.disabled_at !== null) {
    await noteBadPasskey(ctx, user, from.ip)
    return refuse()
  }
  try {
    await checkUsed(services, askerOf(ctx, 'sign-in', from.visitor), passkey, response)
    if (!passkey.signs_in)
      throw forbidden('This passkey is a second factor alone: sign in as you did when you added it, and then use it')
  } catch (error) {
    await noteBadPasskey(ctx, user, from.ip)
    throw error
  }

  const how = { by: 'passkey', factor: true } as const
  return services.db.asIdentity(async (db) => {
    const session = await replaceSession(db, user, from, ctx.now(), how)
    // It may have been removed after it was checked. From here on whoever removes it waits, and then ends this session.
    if (!(await queries.maybePasskey(db, response.id))) refuse()
    return session
  })
}

/** Of somebody whom a passkey of ours names, or of nobody: others can be made up at will. */
const noteBadPasskey = (ctx: VisitorCtx, user: UsersRow | undefined, address: string): Promise<void> => {
  const subject = { kind: 'user', id: user?.id ?? null, name: user?.name ?? null }
  const event = { type: 'session.refused', subject, data: { by: 'passkey' }, address } as const
  return noteRefusal(ctx.services, { teamId: null, actor: visitor, event, about: 'passkey' })
}
