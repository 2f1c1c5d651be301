import { parseArgs } from 'node:util'
import { build, isBuilt } from './build.js'
import { dependenciesAreInstalled, installDependencies } from './install.js'

const help = `Usage: bin/up [--demo] [--port NUMBER]

Installs the packages that are missing, compiles what has changed, and starts Hostler: the web server and the worker.
Run it again to start again. Ctrl-C stops both.

  --demo         fills a new panel: a team with sites that are deployed on this machine, to look around
  --port NUMBER  the port to listen on (the same as PORT=NUMBER)
  --help         this text

Settings come from the environment; server/config.ts lists them.`

const { values } = readArguments()
if (values.help) {
  console.log(help)
  process.exit(0)
}

if (!dependenciesAreInstalled()) await step('Installing packages', 'npm ci', installDependencies)
if (!isBuilt()) await step('Compiling', 'npm run build', build)

if (values.port) process.env.PORT = values.port
process.argv.splice(2, Number.POSITIVE_INFINITY, ...(values.demo ? ['--demo'] : []))
await import('./start.js')

function readArguments() {
  try {
    return parseArgs({
      options: { demo: { type: 'boolean' }, port: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    })
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${help}`)
    process.exit(2)
  }
}

/**
 * @param {string} name
 * @param {string} command What to type to see the same fault again.
 * @param {() => Promise<{ ok: boolean, output: string }>} work
 */
async function step(name, command, work) {
  const startedAt = Date.now()
  process.stdout.write(`${name} … `)
  const { ok, output } = await work()
  console.log(ok ? `done (${((Date.now() - startedAt) / 1000).toFixed(1)} s)` : 'failed')
  if (ok) return
  console.error(`${output}\n\n${name} failed, so Hostler was not started. Mend what \`${command}\` says above.`)
  process.exit(1)
}
