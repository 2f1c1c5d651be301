import { createHash, randomBytes } from 'node:crypto'
import { paths } from '../paths.js'
import type { TransactionOf } from '../platform/db/doors.js'
import type { KnownBrowsersRow, UsersRow } from '../platform/db/tables.js'
import type { NewCookie } from '../platform/http/cookies.js'
import type { Services } from '../platform/services.js'
import { maybeUser } from '../users/users.js'
import * as queries from './browser-queries.js'
import { browserLastsMs, browserName, isToldOf, mostToldOf } from './rules.js'

type Identity = TransactionOf<'identity'>

/** It lets nobody in: its owner does not hear of the same browser again, and it is limited apart from others (RL-04). */
const browserCookie = 'browser'

/** Where a session begins, as far as a request tells it. */
interface Arrival {
  readonly ip: string
  readonly userAgent: string
  readonly cookie?: ((name: string) => string | undefined) | undefined
}

/**
 * Remembers with which browser a session was begun, in its transaction, and whether its person has to hear of it. By a
 * cookie and not by the address, which phones change all day. Returns the cookie; none where the request's are not known.
 */
export async function noticeBrowser(
  db: Identity,
  user: UsersRow,
  { ip, userAgent, cookie }: Arrival,
  now: Date,
): Promise<readonly NewCookie[]> {
  if (!cookie) return []
  const id = maybeId(cookie(browserCookie)) ?? randomBytes(32)
  const idHash = createHash('sha256').update(id).digest()
  if (!(await queries.markBrowserSeen(db, user.id, idHash, now))) {
    const others = (await queries.browsersOf(db, user.id, mostToldOf)).map((row) => row.first_seen_at)
    await queries.insertBrowser(db, {
      ...{ user_id: user.id, id_hash: idHash, ip, user_agent: userAgent, first_seen_at: now, last_seen_at: now },
      told_at: isToldOf({ personSince: user.created_at, others, now }) ? null : now,
    })
  }
  return [{ name: browserCookie, value: id.toString('base64url'), maxAgeSeconds: browserLastsMs / 1000 }]
}

/** What this browser is known by to whoever signs in with that address; undefined when they have not signed in with it. */
export async function knownBrowser(
  db: Identity,
  email: string,
  cookie: ((name: string) => string | undefined) | undefined,
): Promise<string | undefined> {
  const idHash = hashOfId(cookie?.(browserCookie))
  return idHash && (await queries.isBrowserOf(db, email, idHash)) ? idHash.toString('base64url') : undefined
}

/** After a password was chosen anew: whoever knew the one of before comes from a browser like any other. */
export const forgetBrowsers = (
  db: Identity,
  userId: string,
  kept?: (name: string) => string | undefined,
): Promise<number> => queries.deleteBrowsersOf(db, userId, hashOfId(kept?.(browserCookie)))

/** For the job: a mail for each browser that its person has not heard of, once. */
export async function tellOfBrowsers(services: Services, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && (await tellOfNext(services)));
}

const tellOfNext = (services: Services): Promise<boolean> =>
  services.db.asIdentity(async (db) => {
    const row = await queries.takeUntold(db, services.clock())
    if (!row) return false
    const user = await maybeUser(db, row.user_id)
    if (user && services.mail.isSet) await services.mail.sendMail(db, letter(services, user, row), services.clock())
    return true
  })

const letter = ({ config }: Services, user: UsersRow, row: KnownBrowsersRow) => ({
  to: user.email,
  view: 'new-browser',
  data: {
    email: user.email,
    browser: plainly(browserName(row.user_agent)),
    ip: row.ip,
    when: `${row.first_seen_at.toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    link: `${config.baseUrl.origin}${paths.sessions()}`,
  },
})

/** A browser says of itself what it likes; readers of mail make a link of whatever looks like a name. */
const plainly = (name: string): string => (/^[\w ]+$/.test(name) ? name : 'Unknown')

/** For the schedule. */
export const forgetOldBrowsers = (db: Identity, now: Date): Promise<number> =>
  queries.deleteBrowsersNotSeenSince(db, new Date(now.getTime() - browserLastsMs))

function hashOfId(cookie: string | undefined): Buffer | null {
  const id = maybeId(cookie)
  return id ? createHash('sha256').update(id).digest() : null
}

/** Only what we could have made ourselves. */
function maybeId(cookie: string | undefined): Buffer | undefined {
  const id = Buffer.from(cookie ?? '', 'base64url')
  return id.length === 32 && id.toString('base64url') === cookie ? id : undefined
}
