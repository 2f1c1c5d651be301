import { removeFactors } from '../factors/factors.js'
import type { Services } from '../platform/services.js'
import { TypedEmail } from '../users/users.js'

export async function removeFactorsOf(services: Services, { email }: { email: string }): Promise<string> {
  await removeFactors(services, TypedEmail.parse(email))
  return `${email} signs in with the password alone now, and every browser of theirs is signed out.`
}
