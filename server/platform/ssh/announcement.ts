import type { Group } from './process-group.js'

/** A login shell's own start-up files may print before the command does. */
const mostNoiseBytes = 64 * 1024

/** Reads the line by which `start.sh` tells the group from the head of stdout; what follows is the command's own. */
export class Announcement {
  readonly #pattern: RegExp
  #head: Buffer = Buffer.alloc(0)
  #group: Group | undefined
  readonly #waiting: (() => void)[] = []

  constructor(marker: string) {
    this.#pattern = new RegExp(`${marker} ([0-9]{1,10}) ([0-9]{1,20})\n`)
  }

  get group(): Group | undefined {
    return this.#group
  }

  /** The part of the chunk that belongs to the command. */
  read(chunk: Buffer): Buffer {
    if (this.#group) return chunk
    this.#head = Buffer.concat([this.#head, chunk])
    // latin1: one character a byte, so that an index of the text is one of the bytes.
    const found = this.#pattern.exec(this.#head.toString('latin1'))
    if (!found?.[1] || !found[2]) {
      this.#head = this.#head.subarray(-mostNoiseBytes)
      return Buffer.alloc(0)
    }
    this.#group = { id: found[1], startTime: found[2] }
    const rest = this.#head.subarray(found.index + found[0].length)
    this.#head = Buffer.alloc(0)
    for (const tell of this.#waiting) tell()
    return rest
  }

  /** The group as soon as it is known, or undefined when that takes longer than `ms`. */
  async within(ms: number): Promise<Group | undefined> {
    if (this.#group) return this.#group
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms).unref()
      this.#waiting.push(() => {
        clearTimeout(timer)
        resolve()
      })
    })
    return this.#group
  }
}
