import { createHmac } from 'node:crypto'
import type { EventsRow, ForwardsRow } from '../platform/db/tables.js'
import { OutboundFault } from '../platform/outbound/fault.js'
import type { Services } from '../platform/services.js'
import { messageOf, syslogFrame } from './rules.js'

export const secretPlace = (teamId: string) => ({ table: 'forwards', id: teamId, column: 'secret_sealed' })

/** Resolves once the other side has taken all of them, and throws `OutboundFault` when that is not sure. */
export const sendBatch = (
  services: Services,
  forward: Pick<ForwardsRow, 'team_id' | 'kind' | 'address' | 'ca' | 'secret_sealed'>,
  events: readonly EventsRow[],
  signal?: AbortSignal,
): Promise<void> =>
  forward.kind === 'syslog'
    ? sendSyslog(services, forward, events, signal)
    : sendHttps(services, forward, events, signal)

/** Syslog has no answers: that all was read is known when the other side, after our end, ends the connection in good order. */
async function sendSyslog(
  { outbound, config }: Services,
  { address, ca }: Pick<ForwardsRow, 'address' | 'ca'>,
  events: readonly EventsRow[],
  signal?: AbortSignal,
): Promise<void> {
  const frames = events.map((event) => syslogFrame(event, config.baseUrl.hostname))
  await outbound.sendByTls({ address, ca, bytes: Buffer.concat(frames), ...(signal && { signal }) })
}

/** Signed over the time and the very bytes, as webhooks are; any 2xx says that it was kept. */
async function sendHttps(
  { outbound, vault, clock }: Services,
  forward: Pick<ForwardsRow, 'team_id' | 'address' | 'ca' | 'secret_sealed'>,
  events: readonly EventsRow[],
  signal?: AbortSignal,
): Promise<void> {
  const body = JSON.stringify({ events: events.map(messageOf) })
  const time = String(Math.floor(clock().getTime() / 1000))
  const secret = vault.open(forward.secret_sealed ?? '', secretPlace(forward.team_id)).reveal()
  const signature = createHmac('sha256', secret).update(`${time}.${body}`).digest('hex')
  const { status } = await outbound.send({
    ...{ method: 'POST', url: forward.address, body, ca: forward.ca, ...(signal && { signal }) },
    headers: {
      'content-type': 'application/json',
      'x-hostler-time': time,
      'x-hostler-signature-256': `sha256=${signature}`,
    },
  })
  if (status < 200 || status > 299)
    throw new OutboundFault('refused', `${new URL(forward.address).hostname} answered with ${status}`)
}

/**
 * Why something was not sent, in words that may be kept and shown. What is no matter of the other side, such as a secret
 * that this panel's key does not open, may say more than is for them: it goes to the log.
 */
export function sayFault({ log }: Services, teamId: string, error: unknown): string {
  if (error instanceof OutboundFault) return error.message
  log.error({ err: error, team: teamId }, 'events could not be made ready to be sent on')
  return 'Hostler itself could not send this: the log of the panel says why'
}
