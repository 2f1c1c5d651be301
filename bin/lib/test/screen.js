/** One line for each part of the run, with what it took. */

const colours = process.stdout.isTTY ? { red: '\x1b[31m', off: '\x1b[0m' } : { red: '', off: '' }

/**
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} work
 * @param {(result: T) => string} inWords
 * @returns {Promise<T>}
 */
export async function phase(name, work, inWords) {
  const startedAt = Date.now()
  const result = await work()
  console.log(`${name}: ${inWords(result)} (${seconds(Date.now() - startedAt)})`)
  return result
}

/** @param {string} text */
export const red = (text) => `${colours.red}${text}${colours.off}`

/** @param {number} ms */
export const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`
