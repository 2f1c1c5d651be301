import { UserError } from '../platform/errors.js'
import { isMailAddress } from '../platform/mail/settings.js'
import type { Services } from '../platform/services.js'

/** Sends one mail at once, past the outbox, and tells what the server answered. Throws when it did not take it. */
export async function testMail({ mail }: Pick<Services, 'mail'>, { to }: { to: string }): Promise<string> {
  if (!mail.isSet)
    throw new UserError(
      409,
      'This panel has no settings for mail',
      'Set HOSTLER_SMTP_URL and HOSTLER_MAIL_FROM, see docs/installing.md.',
    )
  if (!isMailAddress(to)) throw new UserError(422, `${to} is not an address`, 'It looks like ada@example.com.')
  const outcome = await mail.sendNow({ to, view: 'test', data: {} }, new AbortController().signal)
  if (outcome.kind !== 'sent') throw new UserError(502, outcome.why, 'docs/mail.md says what to look at.')
  return `The server took it for ${to}: ${outcome.response}`
}
