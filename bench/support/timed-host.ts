import { toDisplay } from '../../server/platform/shell/render.js'
import type { Host } from '../../server/platform/ssh/host.js'

/** The same machine, telling of each thing that is asked of it how long it took and when it was asked. */
export function timedHost(host: Host, tell: (line: string) => void): Host {
  const startedAt = performance.now()
  async function timed<T>(what: string, work: Promise<T>): Promise<T> {
    const askedAt = performance.now()
    return work.finally(() => {
      const ms = performance.now() - askedAt
      tell(`${(askedAt - startedAt).toFixed(0).padStart(6)} + ${ms.toFixed(0).padStart(4)} ms  ${what}`)
    })
  }
  return {
    name: host.name,
    root: host.root,
    learned: host.learned,
    run: (command, options) => timed(toDisplay(command), host.run(command, options)),
    capture: (command, options) => timed(toDisplay(command), host.capture(command, options)),
    status: (command, options) => timed(toDisplay(command), host.status(command, options)),
    upload: (file, content, mode, options) => timed(`upload ${file}`, host.upload(file, content, mode, options)),
    forward: (to) => timed(`forward ${JSON.stringify(to)}`, host.forward(to)),
    close: () => host.close(),
  }
}
