/** Lets a number of tasks go on at a time; the others wait in line. */
export class Limiter {
  #free: number
  #size: number
  readonly #waiting = new Set<() => void>()

  constructor(size: number) {
    this.#free = size
    this.#size = size
  }

  /** Waits for a place and gives the function that leaves it. Rejects with the signal's reason when that comes first. */
  async take(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted()
    if (this.#free <= 0) await this.#turn(signal)
    else this.#free--
    let isTaken = true
    return () => {
      if (isTaken) this.#leave()
      isTaken = false
    }
  }

  /** From now on at most `size` at a time. */
  shrinkTo(size: number): void {
    const smaller = Math.max(1, Math.min(size, this.#size))
    this.#free -= this.#size - smaller
    this.#size = smaller
  }

  #leave(): void {
    this.#free++
    const [next] = this.#waiting
    if (!next || this.#free <= 0) return
    this.#waiting.delete(next)
    this.#free--
    next()
  }

  #turn(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#waiting.delete(go)
        reject(signal?.reason)
      }
      const go = () => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }
      this.#waiting.add(go)
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }
}
