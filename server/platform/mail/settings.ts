import { isIP } from 'node:net'
import { Secret } from '../secret.js'

/** Where mail is handed over. */
export interface MailServer {
  readonly host: string
  readonly port: number
  /** `from the start` on a port of its own, `required` by STARTTLS, or `none`. */
  readonly tls: 'from the start' | 'required' | 'none'
  readonly user: string | null
  readonly password: Secret | null
}

export interface MailAddress {
  /** Empty: none. */
  readonly name: string
  readonly address: string
}

export interface MailSettings {
  readonly server: MailServer
  readonly from: MailAddress
}

/**
 * Reads `smtp://user:password@host:587`, `smtps://…`, or either with `?tls=none`. Passwords go unencrypted only over
 * loopback, or where that was asked for. Throws an Error that says what is wrong, without the password.
 */
export function readMailServer(text: string): MailServer {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !['smtp:', 'smtps:'].includes(url.protocol) || url.hostname === '')
    throw new Error('must be a URL such as smtps://user:password@mail.example.com or smtp://127.0.0.1:25')
  if (url.pathname.length > 1 || url.hash !== '' || !['', '?tls=none'].includes(url.search))
    throw new Error('ends after the host and its port; only ?tls=none may follow')
  const isSecure = url.protocol === 'smtps:'
  if (isSecure && url.search !== '') throw new Error('says smtps:// and tls=none: one of them is too many')
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const isPlain = url.search !== '' || isLoopback(host)
  return {
    host,
    port: Number(url.port) || (isSecure ? 465 : 587),
    tls: isSecure ? 'from the start' : isPlain ? 'none' : 'required',
    user: url.username === '' ? null : decodeURIComponent(url.username),
    password: url.password === '' ? null : new Secret(decodeURIComponent(url.password)),
  }
}

/** Reads `panel@example.com` or `Hostler <panel@example.com>`. Throws an Error that says what is wrong. */
export function readMailAddress(text: string): MailAddress {
  const [, name = '', inBrackets, bare] = /^(?:([^<>\p{Cc}]*)<([^<>]*)>|([^<>]*))$/u.exec(text.trim()) ?? []
  const address = (inBrackets ?? bare ?? '').trim()
  if (!isMailAddress(address)) throw new Error('must be an address, such as Hostler <panel@example.com>')
  return { name: name.trim().replace(/^"(.*)"$/, '$1'), address }
}

/** One address and nothing else: whatever could make two of it, or a line of its own, is none. */
export const isMailAddress = (text: string): boolean =>
  text.length <= 254 && /^[^\s\p{Cc}<>()[\]\\,;:"@]+@[^\s\p{Cc}<>()[\]\\,;:"@]+$/u.test(text)

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
