import type { Secret } from './secret.js'

/** Shows secrets as dots in the lines that programs print. */
export class SecretMask {
  readonly #hidden = new Set<string>()
  #longestFirst: string[] = []

  constructor(secrets: Iterable<Secret> = []) {
    for (const secret of secrets) this.hide(secret)
  }

  /** Each line of a key by itself, as logs come in lines. Texts of less than four characters would hide half of every log. */
  hide(secret: Secret): void {
    const whole = secret.reveal()
    for (const part of [whole, ...whole.split(/\r?\n/)]) if (part.length >= 4) this.#hidden.add(part)
    // One may begin another, whose end would be left over.
    this.#longestFirst = [...this.#hidden].sort((a, b) => b.length - a.length)
  }

  mask(text: string): string {
    return this.#longestFirst.reduce((masked, secret) => masked.replaceAll(secret, '•••'), text)
  }
}
