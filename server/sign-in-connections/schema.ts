import { z } from 'zod'
import { optional, timestamp } from '../platform/http/fields.js'
import { Secret } from '../platform/secret.js'
import { Email } from '../users/users.js'
import { defaultRoles } from './rules.js'

const name = z
  .string()
  .refine((text) => !/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(text), 'A name cannot hold control characters')
  .trim()
  .min(1, 'Give it the name that your people know it by')
  .max(60, 'A name has at most 60 characters')

/** Discovery adds the rest by itself; people paste the whole address all the same. */
const issuer = z
  .string()
  .trim()
  .max(500, 'An address has at most 500 characters')
  .transform((text) => text.replace(/\/\.well-known\/openid-configuration$/, ''))

const clientId = z
  .string()
  .regex(/^[\x21-\x7e]+$/, 'Give the client id as the provider shows it')
  .max(300, 'A client id has at most 300 characters')

const clientSecret = z
  .string()
  .regex(/^[\x21-\x7e]*$/, 'A client secret has no spaces and no accents')
  .max(1000, 'A client secret has at most 1,000 characters')

const secretOf = (text: string) => new Secret(text)

const defaultRole = optional(z.enum(defaultRoles, 'Choose one of the roles'))

/** The id that the page has shown addresses with already, for a provider wants to have them first. */
const reserved = z.uuid().toLowerCase().optional()

/** An address, or the document itself. */
const metadata = z
  .string()
  .trim()
  .min(1, 'Give the address of the metadata, or paste it')
  .max(300_000, 'This is too long')

const NewOidc = z.strictObject({
  kind: z.literal('oidc'),
  name,
  issuer,
  clientId,
  clientSecret: clientSecret.min(1, 'Give the client secret').transform(secretOf),
  defaultRole,
  reserved,
})

const NewSaml = z.strictObject({ kind: z.literal('saml'), name, metadata, defaultRole, reserved })

export const NewSignInConnection = z.discriminatedUnion('kind', [NewOidc, NewSaml], 'Choose OpenID or SAML')

export const KindQuery = z.object({ kind: z.enum(['oidc', 'saml']).default('oidc') })

/** Whatever is left out, or a secret or metadata left empty, stays as it is. */
export const ChangedSignInConnection = z.strictObject({
  name: name.optional(),
  clientId: clientId.optional(),
  clientSecret: optional(clientSecret.transform(secretOf)).optional(),
  metadata: optional(metadata).optional(),
  defaultRole: defaultRole.optional(),
})

const SignInConnection = z.object({
  id: z.uuid(),
  kind: z.enum(['oidc', 'saml']),
  name: z.string(),
  /** The issuer, or the entity id. */
  provider: z.string(),
  defaultRole: z.enum(defaultRoles).nullable(),
  signInUrl: z.string(),
  oidc: z.object({ clientId: z.string(), redirectUrl: z.string() }).nullable(),
  saml: z
    .object({
      acsUrl: z.string(),
      entityId: z.string(),
      ssoUrl: z.string(),
      certificates: z.array(z.object({ fingerprint: z.string(), endsAt: timestamp() })),
    })
    .nullable(),
  createdBy: z.string(),
  createdAt: timestamp(),
})

export const SignInConnectionList = z.object({ signInConnections: z.array(SignInConnection) })
export const SignInConnectionAnswer = z.object({ signInConnection: SignInConnection })

/** Nothing is left to say. */
export const Removed = z.object({})

const next = z.string().max(2000).optional()
export const BeginQuery = z.object({ next })
export const ByAddress = z.strictObject({ email: Email, next })
export const Begin = z.strictObject({ next })

/** What a provider may send along with somebody who comes back (RFC 6749, RFC 9207, and what the large ones add). */
const said = z.string().max(4000).optional()
export const CallbackQuery = z.object({
  code: said,
  state: said,
  iss: said,
  error: said,
  error_description: said,
  error_uri: said,
  session_state: said,
  scope: said,
  authuser: said,
  hd: said,
  prompt: said,
})
export const Callback = z.strictObject({
  code: z.string().max(4000).default(''),
  state: z.string().max(200).default(''),
  iss: z.string().max(2000).default(''),
  error: z.string().max(200).default(''),
})
