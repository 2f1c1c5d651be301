import { z } from 'zod'
import { Secret } from '../platform/secret.js'

/** As it is kept: people type their address with capitals and spaces around it and mean the same one. */
export const TypedEmail = z
  .string()
  .max(254, 'An address has at most 254 characters')
  .transform((text) => text.normalize('NFKC').trim().toLowerCase())

export const Email = TypedEmail.pipe(z.email('This is not an email address'))

export const PersonName = z
  .string()
  .refine(hasNoControlCharacters, 'A name cannot hold control characters')
  .trim()
  .min(1, 'Give a name')
  .max(80, 'A name has at most 80 characters')

/** One that is typed to get in. It only has to fit; whether it is right is for the hash to say. */
export const TypedPassword = z
  .string()
  .refine((text) => charactersOf(text) <= 1000, 'A password has at most 1,000 characters')
  .transform((text) => new Secret(text))

/** One that is chosen. Every character counts exactly as it was typed: nothing is trimmed, cut or folded. */
export const NewPassword = z
  .string()
  .refine((text) => charactersOf(text) >= 8, 'Use at least 8 characters; a few words together are easy to remember')
  .refine((text) => charactersOf(text) <= 1000, 'A password has at most 1,000 characters')
  // Half a surrogate pair has no bytes of its own: all such passwords would be the same one.
  .refine((text) => Buffer.from(text).toString() === text, 'This holds characters that cannot be stored')
  .transform((text) => new Secret(text))

/** As people count them: what needs two UTF-16 units is one. */
const charactersOf = (text: string): number => [...text].length

function hasNoControlCharacters(text: string): boolean {
  return !/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(text)
}
