import type { JobHandler } from '../server/platform/queue/worker.js'
import { anchorLogHandler } from './audit/anchor-log.js'
import { keepMonthsHandler } from './audit/keep-months.js'
import { refreshInstallationsHandler } from './connections/refresh-installations.js'
import type { DeployParts } from './deploys/context.js'
import { checkDomainClaimsHandler } from './domain-claims/check-domain-claims.js'
import { checkDomainsHandler } from './domains/check-domains.js'
import { findLostSitesHandler } from './domains/find-lost-sites.js'
import { lookAtCertificatesHandler } from './domains/look-at-certificates.js'
import { obtainCertificatesHandler } from './domains/obtain-certificates.js'
import { requestServingHandler } from './domains/request-serving.js'
import { pruneEmailUndosHandler } from './email-addresses/prune-undos.js'
import { forwardEventsHandler } from './forwards/forward-events.js'
import { pruneMailsHandler } from './mails/prune-mails.js'
import { sendMailsHandler } from './mails/send-mails.js'
import { operationHandlers } from './operations.js'
import { answerResetRequestsHandler } from './password-resets/answer-requests.js'
import { askPullRequestsHandler } from './previews/ask-pull-requests.js'
import { bringPreviewsHandler } from './previews/bring-previews.js'
import { tellPreviewsHandler } from './previews/tell-previews.js'
import { judgeDeliveriesHandler } from './pushes/judge-deliveries.js'
import { pruneDeliveriesHandler } from './pushes/prune-deliveries.js'
import { reconcileBranchesHandler } from './pushes/reconcile-branches.js'
import { runOperationHandler } from './run-operation.js'
import { pollServersHandler } from './servers/poll-servers.js'
import { pruneReadingsHandler } from './servers/prune-readings.js'
import { pruneSessionsHandler } from './sessions/prune-sessions.js'
import { tellOfNewBrowsersHandler } from './sessions/tell-of-browsers.js'
import { shortenOldLogsHandler } from './shorten-old-logs.js'
import { pruneStatusesHandler } from './statuses/prune-statuses.js'
import { sendStatusesHandler } from './statuses/send-statuses.js'
import { removeTeamsHandler } from './team-deletions/remove-teams.js'
import { tellRefusalsHandler } from './tell-refusals.js'

/** Every job that this version can do. */
export const jobHandlers = (runner: string, parts: DeployParts): readonly JobHandler[] => [
  runOperationHandler(operationHandlers(parts), runner),
  checkDomainClaimsHandler,
  checkDomainsHandler,
  requestServingHandler,
  findLostSitesHandler(parts),
  lookAtCertificatesHandler(parts),
  obtainCertificatesHandler,
  pollServersHandler,
  pruneReadingsHandler,
  pruneSessionsHandler,
  tellOfNewBrowsersHandler,
  shortenOldLogsHandler,
  keepMonthsHandler,
  tellRefusalsHandler,
  anchorLogHandler,
  forwardEventsHandler,
  judgeDeliveriesHandler,
  reconcileBranchesHandler,
  pruneDeliveriesHandler,
  bringPreviewsHandler,
  tellPreviewsHandler,
  askPullRequestsHandler,
  refreshInstallationsHandler,
  removeTeamsHandler,
  sendStatusesHandler,
  pruneStatusesHandler,
  answerResetRequestsHandler,
  sendMailsHandler,
  pruneMailsHandler,
  pruneEmailUndosHandler,
]
