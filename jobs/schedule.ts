import { anchorLog, keepMonths } from '../server/audit/jobs.js'
import { refreshInstallations } from '../server/connections/github-app/jobs.js'
import { checkDomainClaims } from '../server/domain-claims/jobs.js'
import {
  checkDomains,
  findLostSites,
  lookAtCertificates,
  obtainCertificates,
  requestServing,
} from '../server/domains/jobs.js'
import { pruneEmailUndos } from '../server/email-addresses/jobs.js'
import { forwardEvents } from '../server/forwards/jobs.js'
import { answerResetRequests } from '../server/password-resets/jobs.js'
import { tellRefusals } from '../server/platform/events/jobs.js'
import { pruneMails, sendMails } from '../server/platform/mail/jobs.js'
import { shortenOldLogs } from '../server/platform/operations/jobs.js'
import type { Recurring } from '../server/platform/queue/schedule.js'
import { askPullRequests, bringPreviews, tellPreviews } from '../server/previews/jobs.js'
import { judgeDeliveries, pruneDeliveries, reconcileBranches } from '../server/pushes/jobs.js'
import { pollServers, pruneReadings } from '../server/servers/jobs.js'
import { pollEveryMs } from '../server/servers/rules.js'
import { pruneSessions, tellOfNewBrowsers } from '../server/sessions/jobs.js'
import { pruneStatuses, sendStatuses } from '../server/statuses/jobs.js'
import { removeTeams } from '../server/team-deletions/jobs.js'

/** Everything that happens by itself, and how often. */
export const recurring: readonly Recurring[] = [
  { job: checkDomainClaims, everyMs: 60_000 },
  { job: checkDomains, everyMs: 60_000 },
  { job: requestServing, everyMs: 60_000 },
  { job: findLostSites, everyMs: 60_000 },
  { job: lookAtCertificates, everyMs: 60_000 },
  { job: obtainCertificates, everyMs: 60_000 },
  { job: pollServers, everyMs: pollEveryMs },
  { job: pruneReadings, everyMs: 3600_000 },
  { job: tellOfNewBrowsers, everyMs: 15_000 },
  { job: pruneSessions, everyMs: 3600_000 },
  { job: judgeDeliveries, everyMs: 15_000 },
  { job: reconcileBranches, everyMs: 30_000 },
  { job: bringPreviews, everyMs: 15_000 },
  { job: tellPreviews, everyMs: 15_000 },
  { job: askPullRequests, everyMs: 60_000 },
  { job: refreshInstallations, everyMs: 30_000 },
  { job: removeTeams, everyMs: 60_000 },
  { job: sendStatuses, everyMs: 15_000 },
  { job: answerResetRequests, everyMs: 15_000 },
  { job: sendMails, everyMs: 15_000 },
  { job: pruneMails, everyMs: 3600_000 },
  { job: pruneEmailUndos, everyMs: 3600_000 },
  { job: pruneStatuses, everyMs: 24 * 3600_000 },
  { job: pruneDeliveries, everyMs: 24 * 3600_000 },
  { job: shortenOldLogs, everyMs: 24 * 3600_000 },
  { job: keepMonths, everyMs: 24 * 3600_000 },
  { job: tellRefusals, everyMs: 5 * 60_000 },
  { job: anchorLog, everyMs: 3600_000 },
  { job: forwardEvents, everyMs: 15_000 },
]
