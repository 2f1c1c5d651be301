import { hostler } from '../platform/access/ctx.js'
import { noteRefusal } from '../platform/events/refusals.js'
import type { Services } from '../platform/services.js'
import type { Sent } from './keep.js'
import type { Signer } from './signers.js'

/** What bore no good signature, with those whose secret was tried. */
export interface RefusedDelivery {
  readonly sent: Sent
  readonly mine: readonly Signer[]
}

/** Tells the teams whose webhook or app it claimed to be of, and where it is of none, who runs the panel. */
export const noteRefused = (services: Services, refused: readonly RefusedDelivery[]): Promise<unknown> =>
  Promise.all(
    refused.flatMap(({ sent, mine }) =>
      mine.length === 0 ? [noteUnknown(services, sent)] : mine.map((signer) => noteBad(services, sent, signer)),
    ),
  )

function noteBad(services: Services, { host, address }: Sent, signer: Signer): Promise<void> {
  const kind = signer.kind === 'app' ? 'github-app' : 'connection'
  const subject = { kind, id: signer.id, name: signer.repository_key }
  const event = { type: 'delivery.refused', subject, data: { host }, address } as const
  return noteRefusal(services, { teamId: signer.team_id, actor: hostler, event, about: host })
}

function noteUnknown(services: Services, { host, address }: Sent): Promise<void> {
  const event = { type: 'delivery.refused', subject: { kind: 'delivery', id: null, name: host }, address } as const
  return noteRefusal(services, { teamId: null, actor: hostler, event, about: host })
}

/** Only somebody who guesses comes to an address that is none. */
export function noteBadHook(services: Services, address: string | null): Promise<void> {
  const event = {
    type: 'deploy-hook.refused',
    subject: { kind: 'deploy-hook', id: null, name: 'unknown' },
    address,
  } as const
  return noteRefusal(services, { teamId: null, actor: hostler, event, about: '' })
}
