import { z } from 'zod'
import { declareOperation } from '../platform/operations/declare.js'

/** The ten steps from a repository to a running site; their names are what people read. Also a rollback's, with the build already done. */
export const deployOperation = declareOperation({
  kind: 'deploy',
  input: { deployId: z.uuid() },
  steps: [
    { name: 'Check the server' },
    { name: 'Fetch the source', output: z.object({ releaseId: z.uuid() }) },
    { name: 'Prepare the build' },
    { name: 'Build' },
    { name: 'Write the environment', output: z.object({ instanceId: z.uuid() }) },
    { name: 'Run the release command' },
    { name: 'Start the new instance' },
    { name: 'Wait until it is healthy' },
    { name: 'Switch traffic', commits: true, output: z.object({ switchedAt: z.iso.datetime() }) },
    { name: 'Watch it, then retire the old one' },
  ],
})
