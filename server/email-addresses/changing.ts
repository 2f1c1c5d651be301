import { mailResetLink } from '../password-resets/password-resets.js'
import { paths } from '../paths.js'
import type { TransactionOf } from '../platform/db/doors.js'
import type { EmailUndosRow, UsersRow } from '../platform/db/tables.js'
import { UserError } from '../platform/errors.js'
import { appendOutsideTeams } from '../platform/events/append.js'
import { hashOfToken, newLinkToken } from '../platform/link-token.js'
import type { Services } from '../platform/services.js'
import { endAllSessions, forgetBrowsers } from '../sessions/sessions.js'
import { actorOf, maybeUser, replaceEmail } from '../users/users.js'
import * as queries from './queries.js'
import { undoDays } from './rules.js'

type Identity = TransactionOf<'identity'>

/** The new address is proven. The old one hears of it, and can take it back for a while: it may have been somebody else. */
export async function changeAddress(
  services: Services,
  db: Identity,
  user: UsersRow,
  { email, address, now }: { email: string; address: string | null; now: Date },
): Promise<void> {
  const { token, hash } = newLinkToken()
  await replaceEmail(db, user, email, now)
  await queries.insertUndo(db, { token_hash: hash, user_id: user.id, email: user.email, made_at: now })
  const link = `${services.config.baseUrl.origin}${paths.emailUndo(token)}`
  const shown = { name: user.name, email, link, undoDays }
  await services.mail.sendMail(db, { to: user.email, view: 'address-changed', data: shown }, now)
  const subject = { kind: 'user', id: user.id, name: user.name }
  const data = { before: { email: user.email }, after: { email } }
  await appendOutsideTeams(db, actorOf(user), { type: 'user.email-changed', subject, address, data }, now)
}

/** Throws 404 for a link that was used or outlived, or never made. */
export const checkUndo = (services: Services, token = ''): Promise<{ email: string }> =>
  services.db.asIdentity(async (db) => {
    const { undo } = await findUndo(db, token, services.clock())
    return { email: undo.email }
  })

/**
 * Brings the old address back. Whoever changed it knew the password, so every browser is signed out, and a link to choose
 * another password goes to that address. Throws as `checkUndo` does.
 */
export async function undoChange(services: Services, token: string, address: string | null = null): Promise<void> {
  const now = services.clock()
  await services.db.asIdentity(async (db) => {
    const { undo, user } = await findUndo(db, token, now)
    if (!(await queries.claimUndo(db, undo))) throw isOver()
    if (user.email !== undo.email) await replaceEmail(db, user, undo.email, now)
    await queries.deleteConfirmationOf(db, user.id)
    await forgetBrowsers(db, user.id)
    const sessionsEnded = await endAllSessions(db, user, { actor: actorOf(user), address }, now)
    const owner = await maybeUser(db, user.id)
    if (owner) await mailResetLink(services, db, owner, now)
    const subject = { kind: 'user', id: user.id, name: user.name }
    const data = { sessionsEnded, before: { email: user.email }, after: { email: undo.email } }
    await appendOutsideTeams(db, actorOf(user), { type: 'user.email-restored', subject, address, data }, now)
  })
}

/** For the schedule. */
export const forgetOldUndos = (services: Services): Promise<number> =>
  services.db.asIdentity((db) => queries.deleteUndosBefore(db, madeAfter(services.clock())))

async function findUndo(db: Identity, token: string, now: Date): Promise<{ undo: EmailUndosRow; user: UsersRow }> {
  const undo = await queries.maybeUndo(db, hashOfToken(token), madeAfter(now))
  const user = undo && (await maybeUser(db, undo.user_id))
  if (user?.disabled_at !== null || !undo) throw isOver()
  return { undo, user }
}

const isOver = () =>
  new UserError(
    404,
    'This link does not work any more',
    `An address can be brought back once, for ${undoDays} days. Ask whoever runs this panel for help.`,
  )

const madeAfter = (now: Date): Date => new Date(now.getTime() - undoDays * 24 * 3600_000)
