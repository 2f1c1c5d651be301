import type { Database, Transaction } from '../db/doors.js'
import * as queries from './chain-queries.js'
import { firstHash } from './hash.js'

/** `since`: the first event that is still kept, when older ones are not. `sequence`: the first that is not as it was written. */
export type Verdict = { ok: true; events: number; since?: number } | { ok: false; sequence: number; why: string }

/** What somebody wrote down of the events of a chain, by their numbers. 0 is before the first. */
export type Anchored = ReadonlyMap<number, Known>

/** Its hash, in hex, when it was, and on which day it was the last. */
export interface Known {
  readonly hash: string | null
  readonly at: string | null
  readonly day: string | null
}

interface Place {
  readonly sequence: number
  readonly hash: Buffer
}

/**
 * Names the first row of a chain that is not what was appended. What is appended meanwhile is left for the next time.
 * @param anchored finds also what was written anew with hashes that fit, and an end that was cut off with its head put back
 */
export async function verifyChain(db: Transaction, teamId: string, anchored: Anchored = new Map()): Promise<Verdict> {
  const cut = await queries.maybeCut(db, teamId)
  const verdict = faultOfCut(cut, anchored) ?? (await verifyFrom(db, teamId, cut, anchored))
  // A month may have gone while it was read.
  const isSame = verdict.ok || (await queries.maybeCut(db, teamId))?.sequence === cut?.sequence
  return isSame ? verdict : verifyChain(db, teamId, anchored)
}

async function verifyFrom(db: Transaction, teamId: string, cut: queries.Cut | undefined, anchored: Anchored) {
  const head = await queries.maybeHead(db, teamId)
  const start: Place = cut ?? { sequence: 0, hash: firstHash }

  const stretch = { teamId, above: start.sequence, upTo: head?.sequence ?? 0 }
  const last = (await queries.maybeLast(db, stretch)) ?? start
  const whole: Verdict = { ok: true, events: last.sequence - start.sequence }
  return (
    (await firstFault(db, stretch, start, anchored)) ??
    faultOfEnd(last, head, anchored) ??
    (await faultOutside(db, { ...stretch, upTo: last.sequence })) ??
    (cut ? { ...whole, since: start.sequence + 1 } : whole)
  )
}

/** What went must have been due, by the database and by every day on which somebody wrote down where the chain stood. */
function faultOfCut(cut: queries.Cut | undefined, anchored: Anchored): Verdict | null {
  if (!cut) return null
  const { sequence, hash } = cut
  // Clocks may be set back by a day, as where months are dropped.
  const young = new Date(cut.before.getTime() + 24 * 3600_000).toISOString()
  const isYounger = ([known, { at, day }]: [number, Known]) =>
    (known <= sequence && at !== null && at >= young) || (known < sequence && day !== null && day >= young.slice(0, 10))
  if (!cut.was_due || [...anchored].some(isYounger))
    return broken(sequence, 'It and what was before it went before their time')
  const isAnother = (anchored.get(sequence)?.hash ?? hash.toString('hex')) !== hash.toString('hex')
  return isAnother ? broken(sequence, 'It went, and was not the one that was anchored') : null
}

/** Of several faults the one that a walk from the start would come to first. */
async function firstFault(
  db: Transaction,
  stretch: queries.Stretch,
  start: Place,
  anchored: Anchored,
): Promise<Verdict | null> {
  const unlinked = await queries.firstUnlinked(db, stretch, start.hash)
  const { altered, count } = await queries.rehash(db, stretch)
  const rewritten = await firstRewritten(db, stretch, anchored)
  const faults = [
    unlinked === null ? undefined : { at: unlinked, ...(await faultOfLink(db, stretch, unlinked)) },
    altered === null ? undefined : { at: altered, ...broken(altered, 'It was altered') },
    rewritten && { at: rewritten.sequence, ...rewritten },
  ]
  const [first] = faults.filter((fault) => fault !== undefined).sort((one, other) => one.at - other.at)
  if (first) return broken(first.sequence, first.why)
  const twice = count > stretch.upTo - stretch.above ? await queries.firstTwice(db, stretch) : null
  return twice === null ? null : broken(twice, 'There are two events of that number')
}

async function faultOfLink(db: Transaction, { teamId, above }: queries.Stretch, sequence: number) {
  const before = (await queries.maybeLast(db, { teamId, above, upTo: sequence - 1 }))?.sequence ?? above
  return sequence > before + 1
    ? broken(before + 1, 'The event is missing')
    : broken(sequence, 'It does not follow the event before it')
}

async function firstRewritten(db: Transaction, { teamId, above, upTo }: queries.Stretch, anchored: Anchored) {
  const within = hashedOf(anchored).filter((sequence) => sequence > above && sequence <= upTo)
  let known = above
  for (const [sequence, hash] of await queries.hashesOf(db, teamId, within)) {
    if (anchored.get(sequence)?.hash !== hash) return broken(sequence, `${notAnchored} ${known}`)
    known = sequence
  }
  return undefined
}

const hashedOf = (anchored: Anchored): number[] =>
  [...anchored].flatMap(([sequence, { hash }]) => (hash === null ? [] : [sequence]))

const notAnchored = 'It is not the one that was anchored: something was written anew after event'

function faultOfEnd(last: Place, head: Place | undefined, anchored: Anchored): Verdict | null {
  if (head && head.sequence > last.sequence) return broken(last.sequence + 1, 'The newest events are missing')
  if (head && !head.hash.equals(last.hash)) return broken(last.sequence, 'The head of the chain is another')
  const furthest = Math.max(0, ...hashedOf(anchored))
  if (furthest > last.sequence)
    return broken(last.sequence + 1, `The events up to ${furthest}, which is anchored, are missing`)
  return null
}

/** Nothing is before the beginning; of rows behind the head only those are right that were appended since it was read. */
async function faultOutside(db: Transaction, stretch: queries.Stretch): Promise<Verdict | null> {
  const { before, behind, last } = await queries.outside(db, stretch)
  if (before !== null) return broken(before, 'It stands before the beginning of the chain')
  if (behind === null || last === null) return null
  const now = await queries.maybeHead(db, stretch.teamId)
  if (!now) return broken(behind, 'The head of the chain is missing')
  return now.sequence >= last ? null : broken(behind, 'It stands behind the head of the chain')
}

const broken = (sequence: number, why: string) => ({ ok: false, sequence, why }) as const

/**
 * The verdict on each chain by its team's id, the one outside teams included, and one of which only an anchor is left.
 * @param unanchored what is known of a chain that nobody has written down yet
 */
export const verifyAll = (
  db: Database,
  anchored: ReadonlyMap<string, Anchored> = new Map(),
  unanchored: Anchored = new Map(),
): Promise<[teamId: string, verdict: Verdict][]> =>
  db.asOperator(async (trx) => {
    const verdicts: [string, Verdict][] = []
    for (const teamId of new Set([...(await queries.chainIds(trx)), ...anchored.keys()]))
      verdicts.push([teamId, await verifyChain(trx, teamId, anchored.get(teamId) ?? unanchored)])
    return verdicts
  })
