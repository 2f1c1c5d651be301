/** Starts what is compiled, and nothing before it: the container's command, and the last step of bin/up. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './run.js'
import { supervise } from './supervisor.js'

const web = join(root, 'dist', 'server', 'main.js')
const worker = join(root, 'dist', 'jobs', 'worker.js')

for (const file of [web, worker]) {
  if (!existsSync(file)) {
    console.error(`There is no ${file}. Run bin/up, which compiles it.`)
    process.exit(1)
  }
}

const stopping = new AbortController()
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, () => stopping.abort())

process.exitCode = await supervise(
  [
    { name: 'web server', file: web, args: process.argv.slice(2), stopMs: 20_000 },
    { name: 'worker', file: worker, stopMs: 40_000 },
  ],
  { cwd: root, say: (line) => console.error(line), signal: stopping.signal },
)
console.error(process.exitCode === 0 ? 'Hostler has stopped.' : 'Hostler has stopped; the lines above say why.')
