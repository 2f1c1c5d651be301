/** Characters that nobody takes for another: no i, l, o and u (Crockford's base 32). */
const letters = '0123456789abcdefghjkmnpqrstvwxyz'

export const recoveryCodeCount = 10

/** 80 bits in groups of four. So many are out of reach of guesses, also at their hash. */
export const recoveryCodeOf = (random: Uint8Array): string =>
  [...random]
    .map((byte) => letters[byte & 31])
    .join('')
    .replace(/.{4}(?=.)/g, '$&-')

export const recoveryCodeBytes = 16

export type TypedCode = { readonly kind: 'app' | 'recovery-code'; readonly code: string }

/** What somebody typed into the one field for both kinds; null for what is neither. */
export function readCode(text: string): TypedCode | null {
  const code = text.normalize('NFKC').replace(/[\s-]/g, '').toLowerCase()
  if (/^\d{6}$/.test(code)) return { kind: 'app', code }
  const spelled = code.replaceAll('o', '0').replaceAll(/[il]/g, '1')
  return spelled.length === recoveryCodeBytes && [...spelled].every((one) => letters.includes(one))
    ? { kind: 'recovery-code', code: spelled }
    : null
}

/** As text for an app that cannot scan: in groups, so that the eye keeps its place. */
export const spelledOut = (secret: string): string => secret.replace(/.{4}(?=.)/g, '$& ')

/** A secret that was shown and never confirmed is worth nothing after this. */
export const waitingMs = 30 * 60_000
