import { inspect } from 'node:util'

/**
 * A text that must not be seen. It prints as dots in strings, JSON and logs; `reveal()` is the only way out,
 * so every place that uses a secret can be found by searching for that word.
 */
export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  reveal(): string {
    return this.#text
  }

  toString(): string {
    return '•••'
  }

  toJSON(): string {
    return '•••'
  }

  [inspect.custom](): string {
    return '•••'
  }
}
