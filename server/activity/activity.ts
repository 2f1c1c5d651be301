import { z } from 'zod'
import { paths } from '../paths.js'
import type { TeamCtx, TeamTx } from '../platform/access/ctx.js'
import type { EventsRow } from '../platform/db/tables.js'
import { type Verdict, verifyChain } from '../platform/events/verify.js'
import { decodeCursor, listPage } from '../platform/http/pagination.js'
import { findServer } from '../servers/servers.js'
import { findSite } from '../sites/sites.js'
import { membersOf } from '../teams/teams.js'
import * as queries from './queries.js'
import type { ActivityQuery } from './schema.js'
import type { Sentence } from './sentences/sentence.js'
import { sentenceFor } from './sentences.js'

export { ListedEvent } from './schema.js'
export { because, type Sentences, word } from './sentences/sentence.js'
export { eventTypes, sentenceFor } from './sentences.js'

/** The team's event log, for people. */
export type ShownEvent = EventsRow & {
  who: string
  sentence: Sentence
  /** What it is about, as it is called today, or was when it went. */
  subject: { name: string; slug: string | null; href: string | null }
  text: string
}

/** Walked while the page opens only where that takes no time worth speaking of; else when it is asked for. */
const verifiedAtOnce = 5000

export async function activityPage(ctx: TeamCtx, query: z.output<typeof ActivityQuery>) {
  const cursor = decodeCursor(ctx, query.cursor, z.tuple([z.iso.datetime(), z.number().int()]))
  const below = cursor && ([new Date(cursor[0]), cursor[1]] as const)
  const members = ctx.may('member:read') ? await membersOf(ctx) : []
  return ctx.reading(async (tx) => {
    const subject = await subjectOf(tx, query)
    const rows = await queries.eventsBelow(tx, { subject, actorId: query.person ?? null, below }, query.limit + 1)
    const { items, nextCursor } = listPage(ctx, rows, query.limit, (row) => [row.at.toISOString(), row.sequence])
    const chainLength = ctx.may('event:verify') ? await queries.chainLength(tx) : null
    return {
      items: await inWords(tx, items),
      nextCursor,
      members,
      query,
      isFiltered: Boolean(query.site ?? query.server ?? query.person),
      chainLength,
      isVerifiedAtOnce: chainLength !== null && chainLength <= verifiedAtOnce,
    }
  })
}

/** The last few, for the first page: of what this person may read events of. */
export const latestEvents = (ctx: TeamCtx, most: number): Promise<ShownEvent[]> =>
  ctx.reading(
    async (tx) => inWords(tx, await queries.eventsBelow(tx, { subject: null, actorId: null, below: null }, most)),
    'event:read',
  )

/** Whether nothing in the log was altered, removed or cut off. */
export const verifyActivity = (ctx: TeamCtx): Promise<Verdict> => ctx.reading((tx) => verifyChain(tx.db, ctx.team.id))

async function subjectOf(tx: TeamTx, { site, server }: z.output<typeof ActivityQuery>) {
  if (site) return { kind: 'site' as const, id: (await findSite(tx, site)).id }
  if (server) return { kind: 'server' as const, id: (await findServer(tx, server)).id }
  return null
}

/** As people are told of them, with the names of today. */
export async function inWords(tx: TeamTx, events: readonly EventsRow[]): Promise<ShownEvent[]> {
  const idsOf = (kind: string) => [
    ...new Set(events.flatMap((event) => (event.subject_kind === kind && event.subject_id ? [event.subject_id] : []))),
  ]
  const there = [...(await queries.sitesNamed(tx, idsOf('site'))), ...(await queries.serversNamed(tx, idsOf('server')))]
  const byId = new Map(there.map((row) => [row.id, row]))

  return events.map((event): ShownEvent => {
    const found = event.subject_id ? byId.get(event.subject_id) : undefined
    const subject = found ?? { name: nameInside(tx, event), slug: null }
    const sentence = sentenceFor(event.type, event.data)
    const who = whoActed(event)
    const text = `${who} ${sentence.before}${subject.name}${sentence.after}`
    return { ...event, who, sentence, subject: { ...subject, href: hrefOf(tx.ctx, event, subject.slug) }, text }
  })
}

/** What Hostler does later, because somebody asked for it, is not done by them. */
const whoActed = ({ actor_kind: kind, actor_name: name }: EventsRow): string => {
  if (kind === 'api-key') return `${name} (API key)`
  if (kind === 'directory') return `${name} (directory)`
  return kind === 'system' && name !== 'Hostler' ? `Hostler, for ${name},` : name
}

/** Null for what is gone, and for what this person may not see. */
function hrefOf(ctx: TeamCtx, event: EventsRow, slug: string | null): string | null {
  const team = ctx.team.slug
  const { data: about } = OfDeploy.safeParse(event.data)
  switch (event.subject_kind) {
    case 'team':
      return paths.team(team)
    case 'site':
      return slug && (about ? paths.deploy(team, slug, about.deploy) : paths.site(team, slug))
    case 'server':
      return slug && paths.server(team, slug)
    case 'operation':
      return event.subject_id && ctx.may('operation:read') ? paths.operation(team, event.subject_id) : null
    case 'api-key':
      return ctx.may('api-key:manage-own') ? paths.apiKeys(team) : null
    default:
      return null
  }
}

const OfDeploy = z.object({ deploy: z.number().int() })

const Named = z.object({ name: z.string().optional(), title: z.string().optional() })

/** Of what is gone the event itself knows the name, where it was written down. */
function nameInside(tx: TeamTx, event: EventsRow): string {
  const named = Named.safeParse(event.data)
  if (named.data?.name !== undefined) return named.data.name
  if (named.data?.title !== undefined) return `“${named.data.title}”`
  if (event.subject_name !== null) return event.subject_name
  if (event.subject_kind === 'team') return tx.ctx.team.name
  if (event.subject_kind === 'operation') return 'an operation'
  if (event.subject_kind === 'site') return 'a site that is gone'
  const kind = event.subject_kind.replaceAll('-', ' ')
  return /^[aeio]/.test(kind) ? `an ${kind}` : `a ${kind}`
}
