import type { Database, Transaction } from '../db/doors.js'
import { chainIds, chainLines, maybeCut, maybeEvent, maybeHead } from './chain-queries.js'
import { firstHash, hashOf } from './event.js'
import { type Rehashed, rehash } from './rehash.js'

/** `since`: the first event that is still kept, when older ones are not. `sequence`: the first that is not as it was written. */
export type Verdict = { ok: true; events: number; since?: number } | { ok: false; sequence: number; why: string }

/** What somebody wrote down of a chain: the hash, in hex, that the event of that number had. */
export type Anchored = ReadonlyMap<number, string>

interface Place {
  sequence: number
  hash: string
}

/**
 * Walks a chain from its start and names the first row that is not what was appended. What is appended meanwhile is left
 * for the next time.
 * @param anchored finds also what was written anew with hashes that fit, and an end that was cut off with its head put back
 */
export async function verifyChain(db: Transaction, teamId: string, anchored: Anchored = new Map()): Promise<Verdict> {
  const cut = await maybeCut(db, teamId)
  const head = await maybeHead(db, teamId)
  const start = { sequence: cut?.sequence ?? 0, hash: (cut?.hash ?? firstHash).toString('hex') }
  if (cut && !cut.was_due) return broken(start.sequence, 'It and what was before it went before their time')
  if (cut && !isAnchored(start, anchored))
    return broken(start.sequence, 'It went, and was not the one that was anchored')

  let last: Place = start
  let known = start.sequence
  for await (const lines of linesOf(db, teamId, start.sequence, head?.sequence ?? 0)) {
    for (const row of lines) {
      const line = rehash(row)
      if (line.sequence > last.sequence + 1) return broken(last.sequence + 1, 'The event is missing')
      const why = faultOf(line, last) ?? (await faultOfHash(db, teamId, line))
      if (why) return broken(line.sequence, why)
      if (!isAnchored(line, anchored)) return broken(line.sequence, `${notAnchored} ${known}`)
      if (anchored.has(line.sequence)) known = line.sequence
      last = line
    }
  }
  return (
    faultOfEnd(last, head, anchored) ??
    (await faultBehind(db, teamId, last)) ?? {
      ok: true,
      events: last.sequence - start.sequence,
      ...(cut && { since: start.sequence + 1 }),
    }
  )
}

const notAnchored = 'It is not the one that was anchored: something was written anew after event'

const isAnchored = ({ sequence, hash }: Place, anchored: Anchored): boolean => (anchored.get(sequence) ?? hash) === hash

const faultOf = (line: Rehashed, last: Place): string | null =>
  line.previousHash === last.hash ? null : 'It does not follow the event before it'

/** Asks the row itself before it says anything. */
async function faultOfHash(db: Transaction, teamId: string, line: Rehashed): Promise<string | null> {
  if (line.expected === line.hash) return null
  const found = await maybeEvent(db, teamId, line.sequence)
  return found && !found.isFiner && hashOf(found.event).equals(found.event.hash) ? null : 'It was altered'
}

function faultOfEnd(
  last: Place,
  head: { sequence: number; hash: Buffer } | undefined,
  anchored: Anchored,
): Verdict | null {
  if (head && head.sequence > last.sequence) return broken(last.sequence + 1, 'The newest events are missing')
  if (head && head.hash.toString('hex') !== last.hash) return broken(last.sequence, 'The head of the chain is another')
  const furthest = Math.max(0, ...anchored.keys())
  if (furthest > last.sequence)
    return broken(last.sequence + 1, `The events up to ${furthest}, which is anchored, are missing`)
  return null
}

/** Of rows behind the head only those are right that were appended since it was read. */
async function faultBehind(db: Transaction, teamId: string, last: Place): Promise<Verdict | null> {
  const [behind] = await chainLines(db, teamId, last.sequence, last.sequence + 1)
  if (!behind) return null
  const now = await maybeHead(db, teamId)
  const { sequence } = rehash(behind)
  if (!now) return broken(sequence, 'The head of the chain is missing')
  return now.sequence > last.sequence ? null : broken(sequence, 'It stands behind the head of the chain')
}

const broken = (sequence: number, why: string): Verdict => ({ ok: false, sequence, why })

/** To plan a question about all months takes as long as to read some thousand events. */
const batch = 20_000

/** Two batches are in memory at most: the database reads the next while this one is hashed. */
async function* linesOf(db: Transaction, teamId: string, above: number, upTo: number): AsyncGenerator<string[]> {
  const ask = (from: number) => {
    const lines = chainLines(db, teamId, from, Math.min(from + batch, upTo))
    // Who stops half-way does not wait for it.
    lines.catch(() => undefined)
    return lines
  }
  let next = ask(above)
  for (let from = above; from < upTo; from += batch) {
    const lines = await next
    next = ask(from + batch)
    yield lines
  }
}

/** The verdict on each chain by its team's id, the one outside teams included, and one of which only an anchor is left. */
export const verifyAll = (
  db: Database,
  anchored: ReadonlyMap<string, Anchored> = new Map(),
): Promise<[teamId: string, verdict: Verdict][]> =>
  db.asOperator(async (trx) => {
    const verdicts: [string, Verdict][] = []
    for (const teamId of new Set([...(await chainIds(trx)), ...anchored.keys()]))
      verdicts.push([teamId, await verifyChain(trx, teamId, anchored.get(teamId))])
    return verdicts
  })
