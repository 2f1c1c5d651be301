import { UserError } from '../../../platform/errors.js'
import { Secret } from '../../../platform/secret.js'
import { checkedKey, shellEnvironment } from '../environment.js'
import type { Environment } from '../runtime.js'

export interface EnvironmentFiles {
  /** For `--env-file`. */
  readonly list: Secret
  /** Exports for with-variables.sh, and their names for `--env NAME`. */
  readonly exports: Secret
  readonly names: readonly string[]
}

/**
 * Docker reads its environment file line by line, drops a "\r" at the end of a line and refuses lines over 64 KiB. Values
 * that would not survive that go through the client's own environment, where every byte does.
 */
export function environmentFiles(environment: Environment): EnvironmentFiles {
  const entries = Object.entries(environment)
  const hard = entries.filter(([, value]) => isHard(value.reveal()))
  const forbidden = hard.find(([key]) => meansSomethingToTheClient.test(key))
  if (forbidden)
    throw new UserError(422, `${forbidden[0]} cannot hold several lines`, 'Write it in one line, or use another name.')
  const plain = entries.filter(([, value]) => !isHard(value.reveal()))
  return {
    list: new Secret(plain.map(([key, value]) => `${checkedKey(key)}=${value.reveal()}\n`).join('')),
    exports: shellEnvironment(Object.fromEntries(hard)),
    names: hard.map(([key]) => key),
  }
}

const isHard = (value: string): boolean => /[\n\r\0]/.test(value) || value.length > 16_000

/** These would change the client itself, which runs as root, or the loader and shell that start it. */
const meansSomethingToTheClient =
  /^(?:PATH|HOME|IFS|ENV|PWD|CDPATH|TMPDIR|SHELLOPTS|PS4|LD_.*|BASH.*|DOCKER_.*|BUILDKIT_.*|BUILDX_.*|GO.*|XDG_.*|SSH_.*|SSL_.*|OTEL_.*|LANG|LC_.*|(?:https?|no|all|ftp)_proxy)$/i
