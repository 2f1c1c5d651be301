import { isIP } from 'node:net'
import { domainToASCII, domainToUnicode } from 'node:url'
import { parse } from 'tldts'
import { UserError } from '../platform/errors.js'

/** Names of sites as people type them, and as everything else knows them: ASCII, lower case, no last dot. */

const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/** Only we use these: the edges answer requests for them themselves. */
const ours = 'hostler.internal'

/**
 * One spelling for each name: case, a last dot, Unicode and punycode come out the same.
 * @throws UserError that says what is wrong with it
 */
export function parseDomainName(typed: string): string {
  const text = typed.trim()
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text) || /[/?#@]/.test(text))
    throw new UserError(422, 'Give the name alone, such as www.example.com, without https:// and without a path')
  // The URL standard would decode %61 and leave soft hyphens out; who types these means something else.
  if (/[\s%:\\[\]\p{Cc}\p{Cf}]/u.test(text)) throw notAName(text)

  const isWildcard = text.startsWith('*.')
  const name = domainToASCII(isWildcard ? text.slice(2) : text).replace(/\.$/, '')
  if (name === '') throw notAName(text)
  // Also of IPv4: 127.1 and 0x7f.1 have become 127.0.0.1 by now.
  if (isIP(name) || /^\d+$/.test(name.split('.').at(-1) ?? ''))
    throw new UserError(422, 'An IP address is no domain. Give a name such as www.example.com')
  if (text.replace(/^\*\./, '').includes('*'))
    throw new UserError(422, 'A wildcard stands for the first part alone, such as *.example.com')
  checkLabels(name, isWildcard, text)
  checkSuffix(name, isWildcard)
  return isWildcard ? `*.${name}` : name
}

function checkLabels(name: string, isWildcard: boolean, text: string): void {
  const labels = name.split('.')
  if (name.length + (isWildcard ? 2 : 0) > 253) throw new UserError(422, 'A name has at most 253 characters')
  if (labels.some((part) => part.length > 63)) throw new UserError(422, 'Each part of a name has at most 63 characters')
  if (!labels.every((part) => label.test(part))) throw notAName(text)
  if (labels.length < 2) throw new UserError(422, 'Give the whole name, such as www.example.com')
  if ((labels.at(-1) ?? '').length < 2) throw new UserError(422, 'The last part of a name has at least two letters')
}

function checkSuffix(name: string, isWildcard: boolean): void {
  // Private suffixes too: nobody but GitHub may have all of github.io.
  if (parse(name, { allowPrivateDomains: true }).publicSuffix === name)
    throw new UserError(422, `${name} is a public suffix: give a name below it, such as example.${name}`)
  if (name === ours || name.endsWith(`.${ours}`) || (isWildcard && ours.endsWith(`.${name}`)))
    throw new UserError(422, `Names below ${ours} are Hostler’s own`)
}

const notAName = (text: string): UserError =>
  new UserError(
    422,
    text === ''
      ? 'Give a name, such as www.example.com'
      : 'This is not a domain name. Letters, digits, dashes and dots make one, such as www.example.com',
  )

export const isWildcard = (name: string): boolean => name.startsWith('*.')

/** Names that can overlap have it in common: `*.example.com` and `www.example.com` are both below `example.com`. */
export const parentOf = (name: string): string => name.slice(name.indexOf('.') + 1)

/** Whether a visitor of one could be a visitor of the other. A wildcard stands for one label, as in certificates. */
export const overlaps = (one: string, other: string): boolean =>
  one === other || (parentOf(one) === parentOf(other) && (isWildcard(one) || isWildcard(other)))

/** The name itself, or what a wildcard is a wildcard of. */
export const baseOf = (name: string): string => (isWildcard(name) ? parentOf(name) : name)

/** Where the record stands that proves a name. */
export const proofName = (name: string): string => `_hostler.${baseOf(name)}`

/** As people read it. Looks like another name to some, so pages show the ASCII form beside it. */
export const unicodeOf = (name: string): string =>
  isWildcard(name) ? `*.${domainToUnicode(parentOf(name))}` : domainToUnicode(name)

/** Registered as such: nothing stands before it, so it may have no CNAME. */
export const isApex = (name: string): boolean => parse(name, { allowPrivateDomains: true }).domain === name
