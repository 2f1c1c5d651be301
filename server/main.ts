import { setFlagsFromString } from 'node:v8'
import { createApp } from './app.js'
import { createAuthorizer } from './authorizer.js'
import { readConfig } from './config.js'
import { orSentence, settingsFault } from './faults.js'
import { greeting } from './greeting.js'
import { listen, ownAddresses, stopListening } from './listen.js'
import { paths } from './paths.js'
import { assertWorkerSeen } from './platform/workers/workers.js'
import { routes } from './routes.js'
import { openServices } from './services.js'
import { ensureSetupToken } from './setup/setup.js'
import { shellOf } from './shell.js'

// V8 else puts what Nunjucks makes for each page among the long-lived objects, and those keep all that later pages make
// from being collected young: half of the time of a page went into that (measured with Node 20, V8 11.3).
setFlagsFromString('--no-allocation-site-pretenuring')

const config = await orSentence(settingsFault, readConfig)
const { services, embedded, close } = await orSentence(1, () => openServices(config))
const app = createApp(services, routes, createAuthorizer(services), {
  shellOf,
  verifyPath: paths.email(),
  viewGlobals: { paths },
  trustProxy: config.trustedProxies || false,
  checks: {
    database: () => services.db.ping(),
    queue: () => services.queue.ping(),
    worker: () => assertWorkerSeen(services),
  },
})
const server = await orSentence(1, () => listen(app, config.port, config.bind))
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop())
// Whoever started this is gone without a word: a panel that nobody keeps would hold the port of the next one.
process.once('disconnect', () => void stop())

const setupToken = await ensureSetupToken(services)
console.log(greeting({ ...config, addresses: ownAddresses(), setupToken }))
process.send?.('ready')

/** The database goes last, and with it whatever the worker still does: whoever starts both stops the worker first. */
async function stop(): Promise<void> {
  await stopListening(server)
  await close()
  await embedded?.stop()
  process.exit(0)
}
