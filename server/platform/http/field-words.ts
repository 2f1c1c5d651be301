import type { z } from 'zod'

/**
 * What to say beside a field when its schema has no words of its own. zod's are for programmers ("expected string,
 * received undefined"); who fills in a form wants to know what to do.
 */
export function wordsFor(issue: z.core.$ZodIssue): { field: string; message: string } {
  const field = issue.path.join('.')
  switch (issue.code) {
    case 'invalid_type':
      return { field, message: isOurs(issue.message) ? (types[issue.expected] ?? 'Fill this in') : issue.message }
    case 'unrecognized_keys':
      return { field, message: `There is no field ${issue.keys.join(', ')} here` }
    case 'invalid_value':
      return { field, message: isOurs(issue.message) ? `Choose one of ${issue.values.join(', ')}` : issue.message }
    default:
      return { field, message: issue.message }
  }
}

const types: Readonly<Record<string, string>> = {
  number: 'Give a number',
  int: 'Give a whole number',
  boolean: 'Say yes or no',
  array: 'Give a list',
  date: 'Give a date',
}

/** The schema said nothing itself. */
const isOurs = (message: string): boolean => message.startsWith('Invalid ')
