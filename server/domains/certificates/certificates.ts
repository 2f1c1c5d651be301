import { hostler } from '../../platform/access/ctx.js'
import type { TransactionOf } from '../../platform/db/doors.js'
import { appendInTeam } from '../../platform/events/append.js'
import type { Services } from '../../platform/services.js'
import { all, cmd, either } from '../../platform/shell/command.js'
import { explain } from '../../platform/ssh/explain.js'
import type { Host } from '../../platform/ssh/host.js'
import type { Edge, EdgeName } from '../edges/edge.js'
import { certificateLog } from '../edges/layout.js'
import { isWildcard, parentOf } from '../names.js'
import { partNames } from '../rules.js'
import * as queries from './certificate-queries.js'
import { type Shown, shownCertificate } from './handshake.js'
import { dueWarning, type Failure, lastFailure, nextLook } from './rules.js'

/** What is really shown to visitors, looked at by the worker and written down; events before the end (R38). */

const atOnce = 20

/** A worker that is killed in between leaves them to others after so long. */
const takenForMs = 3 * 60_000

type Edges = Record<EdgeName, Edge>

/** Until nothing is due. */
export async function lookAtCertificates(services: Services, edges: Edges, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const now = services.clock()
    const until = new Date(now.getTime() + takenForMs)
    const due = await services.db.asSystem((db) => queries.takeDue(db, now, until, atOnce))
    if (due.length === 0) return
    await Promise.all(
      due.map((certificate) =>
        look(services, edges, certificate).catch((error) =>
          services.log.warn({ err: error, domainId: certificate.id }, 'could not look at a certificate'),
        ),
      ),
    )
  }
}

async function look(services: Services, edges: Edges, domain: queries.DueCertificate): Promise<void> {
  const { shown, failure } = await see(services, edges, domain)
  const now = services.clock()
  await services.db.asSystem(async (db) => {
    const before = await queries.lockSeen(db, domain.id)
    if (!before) return
    const isAway = failure?.isAway ?? false
    // What could not be looked at is as it was; what is not shown is not there.
    const known = shown ?? (isAway ? lifeOf(before.begins_at, before.ends_at) : null)
    const ending = shown ?? lifeOf(domain.own_begins_at, domain.own_ends_at) ?? known
    // What is not shown just now may be shown again, with the same end.
    const isSame = !ending || isSameTime(ending.endsAt, before.told_end)
    const toldDays = isSame ? before.told_days : null
    const warning = ending && dueWarning({ ...ending, toldDays }, now)
    await queries.recordLook(db, {
      domain_id: domain.id,
      issuer: shown?.issuer ?? (isAway ? before.issuer : null),
      begins_at: known?.beginsAt ?? null,
      ends_at: known?.endsAt ?? null,
      seen_at: now,
      look_due_at: nextLook({ endsAt: shown?.endsAt ?? null, isAway }, now),
      failure: failure?.message ?? null,
      failure_hint: failure?.hint ?? null,
      told_days: warning ?? toldDays,
      told_end: ending?.endsAt ?? before.told_end,
    })
    await tellServedUrl(db, domain.site_id, now)
    if (shown && !isSameTime(shown.endsAt, before.ends_at))
      await tell(db, domain, now, 'domain.certificate-obtained', { issuer: shown.issuer })
    if (warning !== null)
      await tell(db, domain, now, 'domain.certificate-ending', { days: warning, why: failure?.message })
  })
}

const lifeOf = (beginsAt: Date | null, endsAt: Date | null) => beginsAt && endsAt && { beginsAt, endsAt }

const isSameTime = (one: Date | null | undefined, other: Date | null): boolean =>
  one != null && one.getTime() === other?.getTime()

interface Sight {
  shown: Shown | null
  failure: (Failure & { isAway?: boolean }) | null
}

async function see(services: Services, edges: Edges, domain: queries.DueCertificate): Promise<Sight> {
  try {
    const host = await services.hosts.get(domain.server_id)
    const ports = await edges.caddy.webPorts(host)
    const seen = ports && (await shownCertificate(host, ports.https, visitedName(domain.name)))
    const shown = seen?.isForName ? seen : null
    // Nobody is asked for the next one of those.
    if (domain.own_id !== null) return { shown, failure: shown ? null : notShown }
    const failure = lastFailure(await readLog(host), domain.name, shown?.beginsAt ?? null)
    return { shown, failure: failure ?? (shown ? null : notYet) }
  } catch (error) {
    const { message, hint } = explain(error)
    return { shown: null, failure: { message, hint, isAway: true } }
  }
}

const notYet: Failure = {
  message: 'There is no certificate yet',
  hint: 'Caddy asks for it as soon as the name leads to the server.',
}

const notShown: Failure = {
  message: 'The certificate that was given is not shown yet',
  hint: 'It comes with the next change of the edge, which is asked for already.',
}

/** Some name that a visitor of a wildcard would type. */
const visitedName = (name: string): string => (isWildcard(name) ? `hostler-check.${parentOf(name)}` : name)

const readLog = (host: Host): Promise<string> => {
  const file = certificateLog(host.root)
  const read = either(
    all(cmd('test', '-f', file), cmd('tail', '-c', 262_144, '--', file)),
    cmd('test', '!', '-e', file),
  )
  return host.capture(read, { timeoutMs: 15_000, maxBytes: 300_000 })
}

/** The site's URL is the name that visitors are served by, once they are. */
export async function tellServedUrl(db: TransactionOf<'system'>, siteId: string, now: Date): Promise<void> {
  const { showing: names } = partNames(await queries.servedNames(db, siteId))
  if (names.length === 0 && !(await queries.isFrontApplied(db, siteId))) return
  const secure = names.find(({ ends_at }) => ends_at !== null && ends_at > now)
  const open = names.find(({ force_https }) => !force_https)
  const url = secure ? `https://${secure.name}` : open ? `http://${open.name}` : null
  await queries.setServedUrl(db, siteId, url)
}

const tell = (
  db: TransactionOf<'system'>,
  domain: queries.DueCertificate,
  now: Date,
  type: 'domain.certificate-obtained' | 'domain.certificate-ending',
  data: Record<string, unknown>,
): Promise<string> =>
  appendInTeam(
    db,
    domain.team_id,
    hostler,
    {
      type,
      subject: { kind: 'site', id: domain.site_id },
      data: { name: domain.site_name, domain: domain.name, ...data },
    },
    now,
  )
