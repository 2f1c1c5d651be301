import { readConfig } from '../server/config.js'
import { UserError } from '../server/platform/errors.js'
import { openServices } from '../server/services.js'
import { startWork } from './work.js'

/** A fault of the settings (EX_CONFIG): whoever started this need not try again. */
const settingsFault = 78

const config = sentenceOnFault(settingsFault, readConfig)
const { services, bull, close } = await openServices(config).catch((error) =>
  sentenceOnFault(1, () => {
    throw error
  }),
)
const work = startWork(services, bull)
services.log.info('worker started')
process.send?.('ready')

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop())

async function stop(): Promise<void> {
  services.log.info('worker stopping')
  await work.stop()
  await close()
  // What is left may be a connection that does not say goodbye; nothing waits for it.
  process.exit(0)
}

/** What a person can mend is told in their words; a bug keeps its stack. */
function sentenceOnFault<T>(exitCode: number, act: () => T): T {
  try {
    return act()
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    console.error([error.message, error.hint].filter(Boolean).join('\n'))
    process.exit(exitCode)
  }
}
