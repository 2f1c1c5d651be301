import type { Host } from './host.js'

/**
 * What was found out or brought to a machine and stays so: asked once, for all who work on it, whatever lease they are
 * under. An SSH machine forgets it with its connection, as it may be another installation after that.
 */
export class Learned {
  readonly #machine: Host
  readonly #answers = new Map<string, Promise<unknown>>()

  constructor(machine: Host) {
    this.#machine = machine
  }

  /** `ask` is given the machine itself: no lease, since what it finds out is for others, too. A failure is not remembered. */
  once<T>(what: string, ask: (machine: Host) => Promise<T>): Promise<T> {
    const earlier = this.#answers.get(what)
    // Whoever asks for the same thing does so with the same function.
    if (earlier !== undefined) return earlier as Promise<T>
    const answer = ask(this.#machine)
    this.#answers.set(what, answer)
    answer.catch(() => {
      if (this.#answers.get(what) === answer) this.#answers.delete(what)
    })
    return answer
  }

  forget(): void {
    this.#answers.clear()
  }
}
