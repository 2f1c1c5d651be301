import { activityRoutes } from './activity/routes.js'
import { apiKeyRoutes } from './api-keys/routes.js'
import { auditRoutes } from './audit/routes.js'
import { connectionRoutes } from './connections/routes.js'
import { deployRoutes } from './deploys/routes.js'
import { directoryRoutes } from './directories/routes.js'
import { domainClaimRoutes } from './domain-claims/routes.js'
import { accessRoutes } from './domains/access/access-routes.js'
import { ownCertificateRoutes } from './domains/certificates/own-routes.js'
import { dnsChallengeRoutes } from './domains/dns-challenges/challenge-routes.js'
import { domainRoutes } from './domains/routes.js'
import { sitesDomainCertificateRoutes } from './domains/sites-domain-certificate-routes.js'
import { sitesDomainRoutes } from './domains/sites-domain-routes.js'
import { emailAddressRoutes } from './email-addresses/routes.js'
import { passkeyRoutes } from './factors/passkeys/passkey-routes.js'
import { factorRoutes } from './factors/routes.js'
import { factorSignInRoutes } from './factors/sign-in-routes.js'
import { forwardRoutes } from './forwards/routes.js'
import { homeRoutes } from './home/routes.js'
import { invitationRoutes } from './invitations/routes.js'
import { mailRoutes } from './mails/routes.js'
import { operationRoutes } from './operations/routes.js'
import { operatorRoutes } from './operator/routes.js'
import { passwordResetRoutes } from './password-resets/routes.js'
import type { Route } from './platform/http/route.js'
import { previewRoutes } from './previews/routes.js'
import { profileRoutes } from './profile/routes.js'
import { pushRoutes } from './pushes/routes.js'
import { roleRoutes } from './roles/routes.js'
import { searchRoutes } from './search/routes.js'
import { serverRoutes } from './servers/routes.js'
import { sessionRoutes } from './sessions/routes.js'
import { setupRoutes } from './setup/routes.js'
import { signInConnectionRoutes } from './sign-in-connections/routes.js'
import { signInProviderRoutes } from './sign-in-providers/routes.js'
import { signInRequirementRoutes } from './sign-in-requirements/routes.js'
import { signInRulesRoutes } from './sign-in-rules/routes.js'
import { signUpRoutes } from './sign-ups/routes.js'
import { siteGroupRoutes } from './site-groups/routes.js'
import { siteRoutes } from './sites/routes.js'
import { supportRoutes } from './support/routes.js'
import { teamDeletionRoutes } from './team-deletions/routes.js'
import { teamRoutes } from './teams/routes.js'

/** Whatever can be asked of the panel. What is not in here cannot be reached. */
export const routes: readonly Route[] = [
  ...setupRoutes,
  ...sessionRoutes,
  ...factorSignInRoutes,
  ...factorRoutes,
  ...signInConnectionRoutes,
  ...directoryRoutes,
  ...passkeyRoutes,
  ...domainClaimRoutes,
  ...signInRequirementRoutes,
  ...signInProviderRoutes,
  ...passwordResetRoutes,
  ...emailAddressRoutes,
  ...mailRoutes,
  ...signUpRoutes,
  ...profileRoutes,
  ...teamRoutes,
  ...roleRoutes,
  ...siteGroupRoutes,
  ...teamDeletionRoutes,
  ...invitationRoutes,
  ...operatorRoutes,
  ...supportRoutes,
  ...signInRulesRoutes,
  ...homeRoutes,
  ...searchRoutes,
  ...activityRoutes,
  ...auditRoutes,
  ...forwardRoutes,
  ...apiKeyRoutes,
  ...siteRoutes,
  ...deployRoutes,
  ...connectionRoutes,
  ...pushRoutes,
  ...previewRoutes,
  ...domainRoutes,
  ...accessRoutes,
  ...ownCertificateRoutes,
  ...dnsChallengeRoutes,
  ...sitesDomainRoutes,
  ...sitesDomainCertificateRoutes,
  ...serverRoutes,
  ...operationRoutes,
]
