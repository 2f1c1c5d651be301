/** A sentence is "who" + `before` + the thing, as a link + `after`. */
export interface Sentence {
  before: string
  after?: string
  icon: string
  tone?: 'good' | 'warning' | 'bad'
}

/** What an event knows besides its subject; of any version of Hostler. */
export type Data = Readonly<Record<string, unknown>>

export type Sentences = Readonly<Record<string, (data: Data) => Sentence>>

export const word = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : ''

export const list = (value: unknown): string => (Array.isArray(value) ? value.map(word).filter(Boolean).join(', ') : '')

export const because = (why: unknown): string => (word(why) ? `: ${word(why)}` : '')
