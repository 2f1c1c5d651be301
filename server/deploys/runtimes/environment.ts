import { UserError } from '../../platform/errors.js'
import { Secret } from '../../platform/secret.js'
import { quote } from '../../platform/shell/quote.js'
import type { Environment } from './runtime.js'

const keyPattern = /^[A-Za-z_][A-Za-z0-9_]*$/

/** What every site may count on unless it sets it itself; PORT is always ours. */
export const runEnvironment = (
  environment: Environment,
  defaults: Record<string, string>,
  port: number,
): Environment => ({
  ...secrets({ NODE_ENV: 'production', ...defaults }),
  ...environment,
  ...secrets({ PORT: String(port) }),
})

export const buildEnvironment = (environment: Environment): Environment => ({
  ...secrets({ CI: 'true' }),
  ...environment,
})

/**
 * A file for `.` of any POSIX shell: every value comes back byte for byte, newlines and trailing blanks too, which the
 * environment files of runit, systemd and Docker each lose in their own way.
 */
export function shellEnvironment(environment: Environment): Secret {
  const lines = Object.entries(environment).map(
    ([key, value]) => `export ${checkedKey(key)}=${quote(value.reveal())}\n`,
  )
  return new Secret(lines.join(''))
}

/** Keys are parsed where people enter them; a row that says otherwise must still not become a command (CI-05). */
export function checkedKey(key: string): string {
  if (!keyPattern.test(key))
    throw new UserError(422, 'The environment has a key that no program can be given', 'Use letters, digits and _.')
  return key
}

const secrets = (texts: Record<string, string>): Environment =>
  Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, new Secret(text)]))
