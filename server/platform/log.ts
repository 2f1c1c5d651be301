import { type DestinationStream, type Logger, pino } from 'pino'

/**
 * One JSON line for each thing worth telling, ids rather than blobs. JSON escapes line breaks and escape sequences, so a
 * hostile user agent cannot forge a line; a `Secret` prints as dots; what is named like a secret is taken out.
 * @param level one of pino's levels, or silent
 * @param to where lines go; standard output unless told
 */
export const createLog = (level: string, to?: DestinationStream): Logger => pino({ level, redact }, to)

const named = ['password', 'token', 'secret', 'key', 'apiKey', 'authorization', 'cookie', 'privateKey', 'privateKeyPem']

const redact = {
  paths: [...named, 'set-cookie'].flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]),
  censor: '•••',
}
