import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { firstHash } from '../platform/events/hash.js'
import { type Known as KnownEvent, type Verdict, verifyAll } from '../platform/events/verify.js'
import type { Services } from '../platform/services.js'
import { type Anchor, readAnchor } from './anchor-text.js'
import * as queries from './queries.js'

export interface Known {
  /** Where anchors lie that left the database, and are believed before it. */
  folder?: string | undefined
  /** Who must have signed them, as `hostler audit key` printed it. Left out: whoever the database says. */
  key?: string | undefined
}

export interface Verification {
  verdicts: [teamId: string, verdict: Verdict][]
  /** Anchors that say nothing, by their names, and why. */
  refused: { name: string; why: string }[]
  anchors: number
}

/** Every chain, against itself and against all anchors there are. */
export async function verifyLog(services: Services, known: Known = {}): Promise<Verification> {
  const { db } = services
  const own = await db.asOperator((trx) => queries.maybeAnchorKey(trx))
  const keys = [known.key ?? own?.public_key].filter((key) => key !== undefined)
  const kept = await db.asOperator((trx) => queries.anchorTexts(trx))
  const given = known.folder === undefined ? [] : await readFolder(known.folder)
  const texts = [...kept.map(({ day, text }) => ({ name: `the anchor of ${day}`, text })), ...given]

  const refused: Verification['refused'] = []
  const signed: [name: string, anchor: Anchor][] = []
  for (const { name, text } of texts) {
    const anchor = readAnchor(text, keys)
    if (anchor?.isSigned) signed.push([name, anchor])
    else refused.push({ name, why: anchor ? 'It is not signed by this panel' : 'It is no anchor' })
  }
  const { chains, notYet, contradictions } = chainsOf(signed)
  const verdicts = await verifyAll(db, chains, notYet)
  return {
    verdicts,
    refused: [...refused, ...contradictions],
    anchors: signed.length - new Set(contradictions.map(({ name }) => name)).size,
  }
}

/** What anchors say of each chain; of one that is not among them, that it had not begun. */
function chainsOf(signed: readonly (readonly [name: string, anchor: Anchor])[]) {
  const chains = new Map<string, Map<number, KnownEvent>>()
  const contradictions: Verification['refused'] = []
  let notYet = new Map<number, KnownEvent>()
  for (const [name, { day, heads }] of signed.toSorted(([, one], [, other]) => one.day.localeCompare(other.day))) {
    for (const { teamId, sequence, hash, at, first, firstAt } of heads) {
      const chain = chains.get(teamId) ?? new Map(notYet)
      if ((chain.get(sequence)?.hash ?? hash) !== hash)
        contradictions.push({ name, why: `It contradicts another at event ${sequence}` })
      if (first !== null && !chain.has(first)) chain.set(first, { hash: null, at: firstAt, day: null })
      chains.set(teamId, chain.set(sequence, { hash, at, day }))
    }
    notYet = new Map([[0, { hash: firstHash.toString('hex'), at: null, day }]])
  }
  return { chains, notYet, contradictions }
}

async function readFolder(folder: string): Promise<{ name: string; text: string }[]> {
  const names = (await readdir(folder)).filter((name) => /\.(anchor|txt)$/.test(name)).sort()
  const texts: { name: string; text: string }[] = []
  for (const name of names) texts.push({ name, text: await readFile(path.join(folder, name), 'utf8') })
  return texts
}
