import { UserError } from '../errors.js'

export type Places = <T>(work: () => Promise<T>) => Promise<T>

/**
 * So many at once; the others wait in the order in which they came, each at most so long.
 * @throws UserError 503 for who has waited too long
 */
export function makePlaces(count: number, patienceMs: number): Places {
  const waiting: (() => void)[] = []
  let free = count

  const place = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.splice(waiting.indexOf(begin), 1)
        reject(new UserError(503, 'The database has too much to do', 'Try again in a moment.'))
      }, patienceMs)
      const begin = () => {
        clearTimeout(timer)
        resolve()
      }
      waiting.push(begin)
    })

  return async (work) => {
    if (free > 0) free--
    else await place()
    try {
      return await work()
    } finally {
      // Handed over, so that nobody who comes just then is before those who wait.
      const next = waiting.shift()
      if (next) next()
      else free++
    }
  }
}
