import { deployOperation } from '../../server/deploys/deploy-operation.js'
import { maybeDeployById } from '../../server/deploys/queries.js'
import { append } from '../../server/platform/events/append.js'
import { type AnyOperationHandler, handleOperation } from '../../server/platform/operations/handle.js'
import { setFailingDeploy } from '../../server/sites/sites.js'
import { type DeployContext, type DeployParts, loadContext } from './context.js'
import { build, buildDeadlineMs } from './steps/build.js'
import { checkServer } from './steps/check-server.js'
import { discardRelease } from './steps/discard-release.js'
import { fetchSource } from './steps/fetch-source.js'
import { prepareBuild } from './steps/prepare-build.js'
import { releaseCommandDeadlineMs, runReleaseCommand } from './steps/run-release-command.js'
import { startInstance } from './steps/start-instance.js'
import { switchTraffic } from './steps/switch-traffic.js'
import { waitHealthy } from './steps/wait-healthy.js'
import { watchAndRetire } from './steps/watch-and-retire.js'
import { discardInstance, writeEnvironment } from './steps/write-environment.js'

const minute = 60_000

/** A deploy, from top to bottom. */
export const deployHandler = (parts: DeployParts): AnyOperationHandler =>
  handleOperation<typeof deployOperation, DeployContext>({
    operation: deployOperation,
    load: (ctx, { deployId }, { fence }) => loadContext(ctx, parts, { deployId, fence }),
    steps: {
      'Check the server': { deadlineMs: 2 * minute, run: checkServer },
      'Fetch the source': { deadlineMs: 20 * minute, run: fetchSource, undo: discardRelease },
      'Prepare the build': { deadlineMs: 12 * minute, run: prepareBuild },
      Build: { deadlineMs: buildDeadlineMs + minute, run: build },
      'Write the environment': { deadlineMs: 2 * minute, run: writeEnvironment, undo: discardInstance },
      'Run the release command': { deadlineMs: releaseCommandDeadlineMs + minute, run: runReleaseCommand },
      'Start the new instance': { deadlineMs: 3 * minute, run: startInstance },
      'Wait until it is healthy': { deadlineMs: 12 * minute, run: waitHealthy },
      'Switch traffic': { deadlineMs: 3 * minute, run: switchTraffic },
      'Watch it, then retire the old one': { deadlineMs: 25 * minute, run: watchAndRetire },
    },
    ended: async (tx, { deployId }, outcome) => {
      const deploy = await maybeDeployById(tx, deployId)
      if (!deploy) return
      if (outcome.status !== 'cancelled')
        await setFailingDeploy(tx, deploy.site_id, outcome.status === 'failed' ? deploy.id : null)
      const why = outcome.status === 'succeeded' ? {} : { why: outcome.message }
      await append(tx, {
        type: `deploy.${outcome.status}`,
        subject: { kind: 'site', id: deploy.site_id },
        data: { deploy: deploy.number, commit: deploy.commit_sha, ...why },
      })
    },
  })
