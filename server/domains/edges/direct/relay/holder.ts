import cluster, { type Worker } from 'node:cluster'
import { rmSync, writeFileSync } from 'node:fs'

/**
 * The process that stays. It only holds the listening ports, so that the worker can be replaced (SIGHUP, after a new version was
 * uploaded) while the kernel keeps queueing visitors; connections go from the kernel to the worker, not through here.
 */
export function hold(folder: string): void {
  cluster.schedulingPolicy = cluster.SCHED_NONE
  const pidFile = `${folder}/relay.pid`
  const opened = new Set<number>()
  let serving: Worker | null = null
  let isEnding = false

  const start = () => {
    cluster.setupPrimary({ args: [folder, [...opened].join()] })
    const worker = cluster.fork()
    worker.on('listening', ({ port }) => opened.add(port))
    worker.on('message', (message) => {
      if (message !== 'ready') return
      const before = serving
      serving = worker
      if (before !== null && before !== worker) before.send('drain')
    })
    worker.on('exit', () => {
      if (serving === worker) serving = null
      // A worker that was told to leave is not missed; any other is replaced, not so fast that a broken one eats the machine.
      if (!isEnding && !worker.exitedAfterDisconnect && serving === null) setTimeout(start, 500)
      if (isEnding && Object.keys(cluster.workers ?? {}).length === 0) process.exit(0)
    })
  }

  const end = () => {
    isEnding = true
    // At once: while this one finishes what it began, the next may start and write its own.
    rmSync(pidFile, { force: true })
    const workers = Object.values(cluster.workers ?? {})
    for (const worker of workers) worker?.send('end')
    if (workers.length === 0) process.exit(0)
  }

  process.on('SIGHUP', start)
  process.on('SIGTERM', end)
  process.on('SIGINT', end)
  writeFileSync(pidFile, `${process.pid}\n`)
  start()
}
