import type { Fence, Host } from './host.js'

/**
 * The same machine for one run of an operation. Whatever is asked of it is refused there, with `StaleLeaseError`, once a
 * later run has asked for anything: also what a worker that was asleep does to tidy up.
 */
export const underLease = (host: Host, fence: Fence): Host => ({
  name: host.name,
  root: host.root,
  learned: host.learned,
  run: (command, options) => host.run(command, { ...options, fence }),
  capture: (command, options) => host.capture(command, { ...options, fence }),
  status: (command, options) => host.status(command, { ...options, fence }),
  upload: (file, content, mode, options) => host.upload(file, content, mode, { ...options, fence }),
  forward: (to) => host.forward(to),
  close: () => host.close(),
})
