import { UserError } from './platform/errors.js'

/** A fault of the settings (EX_CONFIG): whoever started this process need not try again. */
export const settingsFault = 78

/** What a person can mend is told in their words and ends the process; a bug goes on, with its stack. */
export async function orSentence<T>(exitCode: number, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    console.error([error.message, error.hint].filter(Boolean).join('\n'))
    process.exit(exitCode)
  }
}
