import { Secret } from '../../../platform/secret.js'
import type { DnsProvider } from './provider.js'

/** Any DNS, by a small program of one's own: https://go-acme.github.io/lego/dns/httpreq/ */
export const httpreq: DnsProvider = {
  label: 'A program of your own',
  token: 'The user and the password that it asks for, as user:password',
  base: null,
  headers: (token) => ({ authorization: new Secret(`Basic ${Buffer.from(token.reveal()).toString('base64')}`) }),
  present: async (ask, { name, value }) => void (await ask('POST', '/present', { fqdn: `${name}.`, value })),
  remove: async (ask, { name, value }) => void (await ask('POST', '/cleanup', { fqdn: `${name}.`, value })),
}
