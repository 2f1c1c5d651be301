import { compare, major, maxSatisfying, prerelease, valid, validRange } from 'semver'
import { UserError } from '../../platform/errors.js'
import { isLts, ltsLine } from './lts.js'
import type { NodeWish } from './wish.js'

export interface Offer {
  /** Every version that can be had on this machine. */
  readonly versions: readonly string[]
  readonly now: Date
}

/**
 * The exact version for a wish: the newest long-term one that fits, or else the newest that fits. No wish is the
 * newest long-term line. Null when nothing fits.
 */
export const maybeNode = (wish: NodeWish | null, offer: Offer): string | null =>
  pick(wish?.text.toLowerCase() ?? 'lts/*', { ...offer, versions: released(offer) }) ?? null

/** As `maybeNode`. Throws a `UserError` that names the wish and what can be had. */
export function resolveNode(wish: NodeWish | null, offer: Offer): string {
  const found = maybeNode(wish, offer)
  if (found !== null) return found
  throw new UserError(
    422,
    wish ? `Node ${wish.text.slice(0, 60)} cannot be had; ${wish.from} asks for it` : 'No version of Node can be had',
    `Ask for one of these: ${newestOfEachLine(released(offer)).join(', ')}.`,
  )
}

const released = ({ versions }: Offer): string[] =>
  versions.filter((version) => valid(version) !== null && prerelease(version) === null).sort(compare)

function pick(text: string, { versions, now }: Offer): string | undefined {
  const longTerm = versions.filter((version) => isLts(version, now))
  if (['node', 'latest', 'current', 'stable'].includes(text)) return versions.at(-1)
  if (['lts', 'lts/*', '*'].includes(text)) return longTerm.at(-1) ?? versions.at(-1)
  const [, name] = /^lts\/(.+)$/.exec(text) ?? []
  if (name !== undefined) return newestOf(longTerm, lineOf(name, longTerm))

  const range = validRange(text)
  if (range === null) return undefined
  return maxSatisfying(longTerm, range) ?? maxSatisfying(versions, range) ?? undefined
}

/** "hydrogen", or "-1" for the line before the newest. */
function lineOf(name: string, longTerm: readonly string[]): number | undefined {
  if (!/^-\d{1,2}$/.test(name)) return ltsLine(name)
  const lines = [...new Set(longTerm.map((version) => major(version)))]
  return lines.at(Number(name) - 1)
}

const newestOf = (versions: readonly string[], line: number | undefined): string | undefined =>
  versions.findLast((version) => major(version) === line)

/** Newest first, the last six lines: enough to choose from, short enough to read. */
export function newestOfEachLine(versions: readonly string[]): string[] {
  const lines = [...new Set(versions.map((version) => major(version)))].slice(-6).reverse()
  return lines.flatMap((line) => newestOf(versions, line) ?? [])
}
