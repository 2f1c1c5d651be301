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
  const { result, ms } = await timed(work)
  say(name, inWords(result), ms)
  return result
}

/**
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<{ result: T, ms: number }>}
 */
export async function timed(work) {
  const startedAt = Date.now()
  return { result: await work(), ms: Date.now() - startedAt }
}

/** @param {string} name @param {string} words @param {number} ms */
export const say = (name, words, ms) => console.log(`${name}: ${words} (${seconds(ms)})`)

/** @param {string} text */
export const red = (text) => `${colours.red}${text}${colours.off}`

/** @param {number} ms */
export const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`
