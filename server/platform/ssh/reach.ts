import { UserError } from '../errors.js'

/** Where and as whom; what the sentences about it need. */
export interface Address {
  readonly name: string
  readonly address: string
  readonly port: number
  readonly user: string
}

/** The machine is there, but nothing on it took the connection: also what a program does that is not up yet. */
export class NothingListens extends UserError {
  constructor(machine: string, to: { port: number } | { socket: string }, cause: Error) {
    super(
      502,
      `${machine} could not connect to its own ${'port' in to ? `port ${to.port}` : to.socket}`,
      'Check that something listens there, and that sshd allows forwarding (AllowTcpForwarding, AllowStreamLocalForwarding).',
      { cause },
    )
    this.name = 'NothingListens'
  }
}

/** Why no connection came about, as a sentence. */
export function unreachable(error: Error, to: Address): UserError {
  const { message, hint } = reason(error, to)
  return new UserError(502, message, hint, { cause: error })
}

/** The connection was there and broke. What ran goes on over there until it is ended by its group. */
export const linkLost = (to: Address, cause?: Error): UserError =>
  new UserError(
    502,
    `The connection to ${to.name} was lost`,
    'Check that the server is on and its network works, then try again.',
    cause && { cause },
  )

function reason(error: Error & { code?: string; level?: string }, { name, address, port, user }: Address) {
  const at = `${name} (${address}) on port ${port}`
  switch (error.code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return { message: `There is no address for the name ${address}`, hint: 'Check its spelling and its DNS records.' }
    case 'ECONNREFUSED':
      return {
        message: `Could not reach ${at}: the connection was refused`,
        hint: 'Check that the server is on, that the port is right and that SSH runs on it.',
      }
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return {
        message: `There is no way to ${at}`,
        hint: 'Check the address, and that the server and its network are up.',
      }
  }
  if (error.level === 'client-authentication') {
    return {
      message: `${name} did not accept the key for the user ${user}`,
      hint: `Add the public key to ~/.ssh/authorized_keys of ${user} on that server, and check that sshd lets this user sign in.`,
    }
  }
  if (error.level === 'client-timeout' || error.code === 'ETIMEDOUT') {
    return {
      message: `Could not reach ${at}: no answer in time`,
      hint: 'Check that the server is on and that the firewall lets the panel in.',
    }
  }
  if (isHungUp(error)) {
    return {
      message: `${at} closed the connection before the sign-in`,
      hint: 'It may be getting too many sign-ins (MaxStartups in sshd_config), or a program such as fail2ban bars the panel.',
    }
  }
  return {
    message: `Could not sign in to ${at}: ${error.message}`,
    hint: 'Check that this port is the one of SSH, and that its sshd is not older than ten years.',
  }
}

/** What sshd does with a newcomer when too many are at its door: worth another try. */
export const isHungUp = (error: Error & { code?: string }): boolean =>
  error.message === 'Connection lost before handshake' || error.code === 'ECONNRESET' || error.code === 'EPIPE'
