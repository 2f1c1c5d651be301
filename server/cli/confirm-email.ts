import { verifyByShell } from '../email-addresses/email-addresses.js'
import type { Services } from '../platform/services.js'
import { TypedEmail } from '../users/users.js'

export async function confirmEmailOf(services: Services, options: { email: string }): Promise<string> {
  const email = TypedEmail.parse(options.email)
  await verifyByShell(services, email)
  return `${email} is confirmed`
}
