/** Starts what is compiled, and nothing before it: the container's command, and the last step of bin/up. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { beginDemo, fillWithDemo } from './demo/demo.js'
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

// People read a terminal: a line for each request would drown the address and the setup link.
if (process.stdout.isTTY) process.env.HOSTLER_LOG_LEVEL ||= 'warn'

const isDemo = process.argv.includes('--demo')
// The demo's repositories are served to this machine alone, and so without encryption.
if (isDemo) process.env.HOSTLER_GIT_PROTOCOLS = withHttp(process.env.HOSTLER_GIT_PROTOCOLS || 'https:ssh')

const say = (/** @type {string} */ line) => console.log(line)
const demo = isDemo ? await beginDemo(say) : null
const filled = demo ? fillWithDemo(demo, { signal: stopping.signal, say }) : undefined
process.exitCode = await supervise(
  [
    { name: 'web server', file: web, stopMs: 20_000 },
    { name: 'worker', file: worker, stopMs: 40_000 },
  ],
  { cwd: root, say: (line) => console.error(line), signal: stopping.signal },
)
// Also after a start that failed: then there is no panel to fill.
stopping.abort()
await filled
console.error(process.exitCode === 0 ? 'Hostler has stopped.' : 'Hostler has stopped; the lines above say why.')

/** @param {string} protocols */
function withHttp(protocols) {
  return protocols.split(':').includes('http') ? protocols : `${protocols}:http`
}
