import { newId } from '../../server/platform/ids.js'
import { insert } from '../support/make.js'
import type { ServersWorld } from '../support/servers.js'
import type { Texts } from './seeds.js'

/** A mail that the server refused, with what it said of that. */
export const seedMail = ({ test, services }: ServersWorld, texts: Texts): Promise<void> => {
  const at = services.clock()
  return insert(test, 'mails', {
    id: newId(),
    view: 'test',
    recipient: 'ada@example.com',
    subject: texts.subject ?? 'Choose a new password',
    content_sealed: 'sealed',
    created_at: at,
    attempt_at: at,
    give_up_at: at,
    outcome: 'given-up',
    why: texts.message ?? 'The server refused it',
    ended_at: at,
  })
}
