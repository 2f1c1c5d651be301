import { z } from 'zod'
import type { HookEvent } from './host.js'
import { address, keysOf, pushOf, unreadable } from './push.js'

/** https://docs.github.com/en/webhooks/webhook-events-and-payloads#delete; Gitea and Forgejo send the same. */
const BranchEvent = z.object({
  ref: z.string().max(1000),
  ref_type: z.string().max(20),
  sender: z.object({ login: address }).nullish().catch(null),
  repository: z.object({ clone_url: address, ssh_url: address, html_url: address }),
})

/** A branch that was made comes with a push, which tells more. A tag is nothing that a site follows. */
export function readCreation(payload: unknown): HookEvent {
  const { data } = BranchEvent.safeParse(payload)
  if (!data) return unreadable
  return data.ref_type === 'branch' ? { kind: 'branch-made' } : { kind: 'not-used' }
}

/** The same as the push that some hosts send of it: the branch has no commit any more. */
export function readDeletion(payload: unknown, installation: string | null): HookEvent {
  const { data } = BranchEvent.safeParse(payload)
  if (!data) return unreadable
  const { ref, ref_type, repository, sender } = data
  return pushOf({
    ref: ref_type === 'branch' ? `refs/heads/${ref}` : `refs/tags/${ref}`,
    before: null,
    after: '0'.repeat(40),
    keys: keysOf([repository.clone_url, repository.ssh_url, repository.html_url]),
    message: null,
    pusher: sender?.login,
    changedPaths: null,
    installation,
  })
}
