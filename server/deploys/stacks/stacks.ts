import type { RuntimeName } from '../runtimes/runtime.js'
import { dockerfileStack } from './dockerfile.js'
import { nodeStack } from './node.js'
import { inFolder } from './root-folder.js'
import type { Detection, Files, Stack, StackName } from './stack.js'
import { staticStack } from './static.js'

/** In the order they are asked: who writes a Dockerfile means it; a package with a server is more than its pages. */
export const stacks = {
  dockerfile: dockerfileStack,
  node: nodeStack,
  static: staticStack,
} as const satisfies Record<StackName, Stack>

/** The first stack that knows the repository, and can run where it shall. Null: a person has to say. */
export async function detect(files: Files, rootFolder: string, runtime?: RuntimeName): Promise<Detection | null> {
  const rooted = inFolder(files, rootFolder)
  for (const stack of Object.values<Stack>(stacks)) {
    if (runtime && !stack.runtimes.includes(runtime)) continue
    const detection = await stack.detect(rooted)
    if (detection) return detection
  }
  return null
}
