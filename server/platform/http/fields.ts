import { z } from 'zod'

/**
 * Fields that read the same from a form, where everything is text and an unticked box is missing, and from JSON.
 */

/** A box: `on` from a form, true or false from JSON; missing is false. */
export const checkbox = () =>
  z.preprocess((value) => (value === 'on' || value === 'true' ? true : (value ?? false)), z.boolean())

/** A whole number. An empty form field is no number, never 0. */
export const integer = (min: number, max: number) =>
  z.preprocess(
    (value) => (typeof value === 'string' && /^-?\d{1,15}$/.test(value.trim()) ? Number(value) : value),
    z
      .int({ error: `Give a whole number from ${min} to ${max}` })
      .min(min, `Give at least ${min}`)
      .max(max, `Give at most ${max}`),
  )

/**
 * Any field that may be left empty: an empty text is null, as is a missing one. Only what keys and paste leave behind
 * counts as empty; a text of separators that nobody sees is for the field to refuse.
 */
export const optional = <Field extends z.ZodType>(field: Field) =>
  z.preprocess(
    (value) => (value === undefined || (typeof value === 'string' && /^[ \t\r\n]*$/.test(value)) ? null : value),
    field.nullable(),
  )

/** Boxes that share a name: one ticked comes as a text, several as a list, none not at all. */
export const several = <Item extends z.ZodType>(item: Item) =>
  z.preprocess((value) => (value === undefined ? [] : typeof value === 'string' ? [value] : value), z.array(item))

/** For outputs: a time from a row, in UTC as ISO 8601. */
export const timestamp = () =>
  z.preprocess((value) => (value instanceof Date ? value.toISOString() : value), z.iso.datetime())

/** A filter's field that was left empty is no filter. */
export const filled = <Field extends z.ZodType>(field: Field) =>
  z.preprocess((value) => (value === '' ? undefined : value), field.optional())
