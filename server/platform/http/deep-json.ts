import { UserError } from '../errors.js'

const deepestJson = 32

/** One pass over the text, before any parser recurses into it. Throws 400. */
export function refuseDeepJson(text: string, deepest = deepestJson): void {
  if (!hasMoreOpeners(text, deepest)) return
  let depth = 0
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const char = text[i]
    if (inString) {
      if (char === '\\') i++
      else if (char === '"') inString = false
    } else if (char === '"') inString = true
    else if (char === '{' || char === '[') {
      if (++depth > deepest) throw new UserError(400, `The JSON is nested deeper than ${deepest} levels`)
    } else if (char === '}' || char === ']') depth--
  }
}

/** Most texts have too few to be deep, and are told by the engine's own search in a tenth of the time. */
function hasMoreOpeners(text: string, count: number): boolean {
  const openers = /[[{]/g
  for (let found = 0; found <= count; found++) if (!openers.test(text)) return false
  return true
}
