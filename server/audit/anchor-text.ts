import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { UserError } from '../platform/errors.js'

/**
 * Where a chain had come to, when that was, and from which event on it was kept. The hash is in hex, times are as ISO 8601
 * has them: nobody can say later of what is younger that it went because of its age.
 */
export interface AnchoredHead {
  teamId: string
  sequence: number
  hash: string
  /** Older anchors do not say these three. */
  at: string | null
  first: number | null
  firstAt: string | null
}

export interface Anchor {
  day: string
  heads: readonly AnchoredHead[]
  isSigned: boolean
}

const title = 'Hostler event anchors, version 1'

/** What is written and mailed: a line a chain, its end signed (Ed25519). It is meant to be read by people, too. */
export function anchorText(day: string, panel: string, heads: readonly AnchoredHead[], key: KeyObject): string {
  const lines = heads.map(lineOf)
  const body = [title, `panel ${panel}`, `day ${day}`, ...lines, ''].join('\n')
  return `${body}signature ${sign(null, Buffer.from(body), key).toString('base64')}\n`
}

/** Also inside the text of a mail. Null where there is none. */
export function readAnchor(text: string, publicKeys: readonly string[]): Anchor | null {
  const [, body, day, lines, signature] = whole.exec(text.replaceAll('\r\n', '\n')) ?? []
  if (body === undefined || day === undefined || lines === undefined || signature === undefined) return null
  const heads = [...lines.matchAll(line)].map(
    ([, teamId = '', sequence, hash = '', at = null, first, firstAt = null]) => ({
      ...{ teamId, sequence: Number(sequence), hash, at, first: first === undefined ? null : Number(first), firstAt },
    }),
  )
  const bytes = Buffer.from(body)
  const isBy = (key: string) => verify(null, bytes, keyOf(key), Buffer.from(signature, 'base64'))
  return { day, heads, isSigned: publicKeys.some(isBy) }
}

const lineOf = ({ teamId, sequence, hash, at, first, firstAt }: AnchoredHead): string =>
  `${teamId} ${sequence} ${hash} ${at} from ${first} ${firstAt}`

const time = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z'
const line = new RegExp(`^([0-9a-f-]{36}) (\\d+) ([0-9a-f]{64})(?: (${time}) from (\\d+) (${time}))?$`, 'gm')
const whole = new RegExp(
  `^(${title}\\npanel \\S+\\nday (\\d{4}-\\d\\d-\\d\\d)\\n((?:[0-9a-f-]{36} \\d+ [0-9a-f]{64}(?: ${time} from \\d+ ${time})?\\n)*))signature ([\\w+/=]+)$`,
  'm',
)

/** As it is printed for people: the raw 32 bytes, in base64. */
export const printedKey = (key: KeyObject): string =>
  key.export({ format: 'der', type: 'spki' }).subarray(spkiStart.length).toString('base64')

export function keyOf(printed: string): KeyObject {
  const raw = Buffer.from(printed, 'base64')
  if (raw.length !== 32) throw new UserError(422, 'This is no key', 'Give the line that bin/hostler audit key prints.')
  return createPublicKey({ key: Buffer.concat([spkiStart, raw]), format: 'der', type: 'spki' })
}

/** How every Ed25519 key begins in DER (RFC 8410). */
const spkiStart = Buffer.from('302a300506032b6570032100', 'hex')
