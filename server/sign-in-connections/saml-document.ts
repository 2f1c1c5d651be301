import { z } from 'zod'
import { Refused } from './rules.js'

/**
 * What is asked of an answer besides what the library asks. The library gives the bytes that were signed; it does not
 * look at the recipient, the destination, the issuer or how the signature was made.
 */

const most = 256 * 1024

/** Of beginnings and ends of elements: room for a thousand groups. The library compares each element with those beside it. */
const mostTags = 3000

/** Signatures and digests by SHA-2; everything else is refused, SHA-1 above all. */
const algorithms = new Set([
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha384',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
  'http://www.w3.org/2001/04/xmlenc#sha256',
  'http://www.w3.org/2001/04/xmldsig-more#sha384',
  'http://www.w3.org/2001/04/xmlenc#sha512',
])

/** Before any parser sees it: no DTD, no entity, no comment that would cut a name in two. @throws Refused */
export function readDocument(base64: string): string {
  if (base64.length > (most / 3) * 4) throw refused('too long')
  const xml = Buffer.from(base64, 'base64').toString('utf8')
  if (xml.split('<').length > mostTags) throw refused('too many elements')
  if (xml.includes('<!')) throw refused('a comment, a DTD or a CDATA section')
  if (/<\?(?!xml )/.test(xml)) throw refused('a processing instruction')
  // Whoever wraps what was signed needs a second one of something: Somorovsky and others, "On Breaking SAML" (2012).
  for (const element of ['Response', 'Assertion'])
    if (xml.match(new RegExp(`<(?:[\\w.-]+:)?${element}[\\s/>]`, 'g'))?.length !== 1)
      throw refused(`not one ${element}`)
  // Each search ends where the next element begins, however many begin and never end.
  for (const [, , named = ''] of xml.matchAll(
    /<(?:[\w.-]+:)?(SignatureMethod|DigestMethod)\b[^<>]*?Algorithm\s*=\s*["']([^"']*)/g,
  ))
    if (!algorithms.has(named)) throw refused('a signature or digest that is not SHA-2')
  return xml
}

/** Texts come with attributes (`$`) or bare. */
const text = z.union([z.string(), z.object({ _: z.string() }).transform(({ _ }) => _)])
const one = <T extends z.ZodType>(item: T) => z.tuple([item]).transform(([only]) => only)

const Confirmation = z.object({
  $: z.object({ Method: z.literal('urn:oasis:names:tc:SAML:2.0:cm:bearer') }),
  SubjectConfirmationData: one(
    z.object({ $: z.object({ Recipient: z.string(), InResponseTo: z.string(), NotOnOrAfter: z.string() }) }),
  ),
})

const NameId = z.object({ _: z.string().min(1).max(255), $: z.object({ Format: z.string() }).partial().optional() })

const Attributes = z.object({
  Attribute: z
    .array(z.object({ $: z.object({ Name: z.string() }), AttributeValue: z.array(z.unknown()).optional() }))
    .optional(),
})

/** An assertion as the library read it out of the signed bytes. */
export const Assertion = z.object({
  Assertion: z.object({
    Issuer: one(text),
    Subject: one(z.object({ NameID: one(NameId), SubjectConfirmation: one(Confirmation) })),
    Conditions: one(z.object({ AudienceRestriction: one(z.object({ Audience: z.array(text).min(1) })) })),
    AuthnStatement: z.array(z.unknown()).min(1),
    AttributeStatement: z.array(z.union([Attributes, z.string()])).optional(),
  }),
})

/** Of the envelope, which need not be signed: what it says must fit all the same, where it says it. */
export const Envelope = z.object({
  Response: z.object({
    $: z.object({ InResponseTo: z.string(), Destination: z.string().optional() }),
    Issuer: one(text).optional(),
  }),
})

export const refused = (detail: string) => new Refused('not-proven', detail)
