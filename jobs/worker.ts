import { readConfig } from '../server/config.js'
import { orSentence, settingsFault } from '../server/faults.js'
import { openServices } from '../server/services.js'
import { deployParts } from './deploys/parts.js'
import { startWork } from './work.js'

const config = await orSentence(settingsFault, readConfig)
const { services, bull, close } = await orSentence(1, () => openServices(config))
const work = startWork(services, bull, deployParts(services, config.gitProtocols))
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop())
// Whoever started this is gone without a word; the next one brings a worker of its own.
process.once('disconnect', () => void stop())
services.log.info('worker started')
process.send?.('ready')

async function stop(): Promise<void> {
  services.log.info('worker stopping')
  await work.stop()
  await close()
  // What is left may be a connection that does not say goodbye; nothing waits for it.
  process.exit(0)
}
