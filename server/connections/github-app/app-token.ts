import { createSign } from 'node:crypto'
import { Secret } from '../../platform/secret.js'
import { appTokenMs } from './rules.js'

/** The word that an app says who it is with: a JSON Web Token (RFC 7519), signed with its own key. */
export function appToken(appId: string, privateKey: Secret, now: Date): Secret {
  const seconds = (ms: number) => Math.floor((now.getTime() + ms) / 1000)
  const claims = { iat: seconds(-appTokenMs.before), exp: seconds(appTokenMs.after), iss: appId }
  const text = [{ alg: 'RS256', typ: 'JWT' }, claims].map(encoded).join('.')
  const signature = createSign('sha256').update(text).sign(privateKey.reveal(), 'base64url')
  return new Secret(`${text}.${signature}`)
}

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')
