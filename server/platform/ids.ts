import { v7, validate } from 'uuid'

/** Time-ordered (RFC 9562), so that primary keys stay together in their index and sort by age. */
export const newId = (): string => v7()

/**
 * Ids come in URLs, where anything may stand; PostgreSQL would call another text an error, not a missing row. In their one
 * spelling: it would find the row under others too, which locks, counts and seals that go by the text know nothing of.
 */
export const isId = (text: string): boolean => validate(text) && text === text.toLowerCase()
