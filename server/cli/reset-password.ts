import { makeResetLink, validMinutes } from '../password-resets/password-resets.js'
import type { Services } from '../platform/services.js'
import { TypedEmail } from '../users/users.js'

/** What to tell whoever asked: a link that they open, so that nobody else ever knows their password. */
export async function resetLinkFor(services: Services, { email }: { email: string }): Promise<string> {
  const link = await makeResetLink(services, TypedEmail.parse(email))
  return `For ${email}, once, within ${validMinutes} minutes:\n${link.reveal()}`
}
