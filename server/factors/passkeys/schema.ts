import { z } from 'zod'

const text = z.string().max(20_000)

/** What `navigator.credentials` answered, as a script put it into a hidden field. */
const credential = z
  .string('Your browser has to answer for the passkey; this needs JavaScript')
  .max(40_000)
  .transform((json, context) => {
    try {
      return JSON.parse(json) as unknown
    } catch {
      context.addIssue('This is not what a browser answers for a passkey')
      return z.NEVER
    }
  })
  .pipe(
    z.looseObject(
      { id: text, rawId: text, type: text, response: z.looseObject({ clientDataJSON: text }) },
      'This is not what a browser answers for a passkey',
    ),
  )

const PasskeyName = z
  .string()
  .refine((name) => !/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(name), 'A name cannot hold control characters')
  .trim()
  .min(1, 'Give the passkey a name to know it by')
  .max(80, 'A name has at most 80 characters')

const next = z.string().max(2000).optional()

export const NewPasskey = z.strictObject({ name: PasskeyName, response: credential })

export const UsedPasskey = z.strictObject({ response: credential, next, both: z.literal('yes').optional() })

export const NewPasskeyName = z.strictObject({ name: PasskeyName })
