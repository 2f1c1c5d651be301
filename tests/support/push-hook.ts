import { installPushHook } from '../../bin/lib/demo/push-hook.js'
import type { TestRepository } from './git-repository.js'

/** From now on the repository tells of each push as GitHub does. */
export const tellOfPushes = async (repository: TestRepository, at: { url: string; secret: string }): Promise<void> =>
  installPushHook(repository.bare, { ...at, cloneUrl: repository.httpUrl, pusher: 'octocat' })
