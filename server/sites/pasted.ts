import { FieldError } from '../platform/errors.js'
import { parseDotenv } from './dotenv.js'
import { mostVariables, type NewVariable, Value, type VariableKind, whyNotKey } from './variables.js'

/** The variables of a pasted `.env` (all of them secrets, since nobody has said which are not), or of a list. @throws FieldError */
export function readVariables(
  pasted: string | readonly NewVariable[],
  kind: VariableKind,
  isSecret = true,
): NewVariable[] {
  if (typeof pasted !== 'string') return uniqueKeys(pasted)
  const { values, strange } = parseDotenv(pasted)
  const [line] = strange
  if (line !== undefined) throw new FieldError('environment', `Line ${line} is neither KEY=value nor a comment`)
  if (values.size > mostVariables) throw new FieldError('environment', `A site has at most ${mostVariables} variables`)
  return [...values].map(([key, value]) => {
    const why = whyNotKey(key, kind) ?? Value.safeParse(value).error?.issues[0]?.message
    if (why) throw new FieldError('environment', `${key.slice(0, 60)}: ${why}`)
    return { key, value, kind, isSecret }
  })
}

function uniqueKeys(list: readonly NewVariable[]): NewVariable[] {
  const keys = new Set<string>()
  for (const { key } of list) {
    if (keys.has(key)) throw new FieldError('environment', `${key} comes twice`)
    keys.add(key)
  }
  return [...list]
}
