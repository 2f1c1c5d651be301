import type { Services } from '../platform/services.js'
import { dropByShell } from '../sign-in-requirements/sign-in-requirements.js'

export async function dropSignInRequirementOf(services: Services, team: string): Promise<string> {
  await dropByShell(services, team)
  return `The team ${team} opens by every way of signing in again.`
}
