import { z } from 'zod'

export interface Change {
  field: string
  before: string | null
  after: string | null
}

const BeforeAndAfter = z.object({
  before: z.record(z.string(), z.unknown()).default({}),
  after: z.record(z.string(), z.unknown()).default({}),
})

/** For an opened row: each field that an event tells of, as it was and as it is. Facts without a before stand as they are. */
export function changesOf(data: unknown): { changes: Change[]; facts: { field: string; value: string }[] } {
  const parsed = BeforeAndAfter.safeParse(data)
  const { before, after } = parsed.success ? parsed.data : { before: {}, after: {} }
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  const given = typeof data === 'object' && data !== null ? Object.entries(data) : []
  return {
    changes: fields.map((field) => ({
      field: spoken(field),
      before: shown(before[field]),
      after: shown(after[field]),
    })),
    facts: given
      .filter(([field]) => !parsed.success || (field !== 'before' && field !== 'after'))
      .map(([field, value]) => ({ field: spoken(field), value: shown(value) ?? 'none' })),
  }
}

const spoken = (field: string): string =>
  /^[A-Z0-9_]+$/.test(field)
    ? field
    : field.replaceAll('_', ' ').replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)

function shown(value: unknown): string | null {
  if (value === undefined || value === null) return null
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value.join(', ') || null
  return typeof value === 'string' ? value : JSON.stringify(value)
}
