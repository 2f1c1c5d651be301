import { mirrorFolder, sourceFolder } from '../../../server/deploys/places.js'
import { maybeDeployById } from '../../../server/deploys/queries.js'
import { createRelease, openRelease } from '../../../server/deploys/releases.js'
import { checkout } from '../../../server/git/checkout.js'
import { type Commit, commitInfo, gapBetween, newestCommit } from '../../../server/git/history.js'
import { ensureMirror, fetchCommit } from '../../../server/git/mirror.js'
import { type CommitSha, parseBranchName, parseCommitSha } from '../../../server/git/ref-name.js'
import type { Remote } from '../../../server/git/remote.js'
import { parseRepositoryUrl } from '../../../server/git/repository-url.js'
import type { TeamTx } from '../../../server/platform/access/ctx.js'
import { NothingToDo } from '../../../server/platform/operations/stop-reasons.js'
import { whyLeftOut } from '../../../server/pushes/pushes.js'
import { credentialsOf, lockSite, recordSeen } from '../../../server/sites/sites.js'
import type { DeployStep } from '../context.js'
import { rememberRelease } from '../plans.js'

/** Brings the mirror on the server up to date and writes down the exact commit, with the settings and environment of now. */
export async function fetchSource(step: DeployStep): Promise<{ releaseId: string }> {
  const { deploy, host, place, site } = step.context
  if (deploy.kind === 'rollback') return keptRelease(step)

  const remote = await remoteOf(step)
  const io = { signal: step.signal, onLine: step.log.line }
  await ensureMirror(host, remote, io)
  const branch = parseBranchName(deploy.branch)
  const commit = deploy.commit_sha
    ? await exactly(step, remote, parseCommitSha(deploy.commit_sha))
    : await newestCommit(host, remote, branch, io)
  const { sha } = commit
  await endIfLeftOut(step, remote, sha)
  step.log.note(`${deploy.branch} is at ${sha.slice(0, 7)}: ${commit.subject} (${commit.author})`)

  const releaseId = deploy.release_id ?? (await step.transaction((tx) => createRelease(tx, site, commit)))
  await rememberRelease(step, releaseId, sha)
  const { row } = await step.transaction((tx) => openRelease(tx, releaseId))
  await checkout(host, { folder: remote.folder, sha, into: sourceFolder(place, row.number) }, io)
  return { releaseId }
}

/** Nobody asked for this deploy: the branch was found to have moved. What a push would have left out it leaves out too. */
async function endIfLeftOut(step: DeployStep, remote: Remote, sha: CommitSha): Promise<void> {
  const { deploy, host, site } = step.context
  if (deploy.unless_left_out_since === null) return
  const from = parseCommitSha(deploy.unless_left_out_since)
  const gap = await gapBetween(host, remote.folder, { from, to: sha }, { signal: step.signal })
  const why = gap && whyLeftOut(gap, site)
  if (why && (await step.transaction((tx) => leaveOut(tx, step, sha))))
    throw new NothingToDo(`Nothing had to be deployed. ${why}`)
}

/** False when somebody has asked for it meanwhile. */
async function leaveOut(tx: TeamTx, { context: { deploy, site } }: DeployStep, sha: CommitSha): Promise<boolean> {
  const now = await lockSite(tx, site.id)
  if ((await maybeDeployById(tx, deploy.id))?.unless_left_out_since === null) return false
  // What was decided on since then is newer.
  if (now?.seen_commit === site.seen_commit) await recordSeen(tx, site.id, sha, false)
  return true
}

/** A rollback has its source, build, settings and environment already. */
async function keptRelease(step: DeployStep): Promise<{ releaseId: string }> {
  const id = step.context.deploy.target_release_id
  if (!id) throw new Error('A rollback without a release')
  const { row } = await step.transaction((tx) => openRelease(tx, id))
  await rememberRelease(step, id, row.commit_sha)
  step.log.note(`Going back to release ${row.number}: ${row.commit_subject}`)
  return { releaseId: id }
}

async function remoteOf(step: DeployStep): Promise<Remote> {
  const { site, place, parts } = step.context
  const credentials = await credentialsOf(step.ctx, site, step.signal)
  if (credentials.kind === 'token') step.log.hide(credentials.token)
  return { url: parseRepositoryUrl(site.repository_url, parts.gitProtocols), credentials, folder: mirrorFolder(place) }
}

async function exactly(step: DeployStep, remote: Remote, sha: CommitSha): Promise<Commit> {
  const { deploy, host } = step.context
  const io = { signal: step.signal, onLine: step.log.line }
  await fetchCommit(host, remote, { sha, branch: parseBranchName(deploy.branch) }, io)
  return commitInfo(host, remote.folder, sha, io)
}
