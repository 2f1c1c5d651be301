/** Numbers that look random, and are the same each time: from 0 to 1. https://en.wikipedia.org/wiki/Linear_congruential_generator */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

const odd: readonly Json[] = [
  ...[null, true, 0, -1, 1e308, 2 ** 53, '', ' ', '\u0000', '\ud800', '\ufeff', '$(id)', '; id', '../..', '%00'],
  ...['x'.repeat(5000), '0'.repeat(40), 'refs/heads/', 'refs/heads/master\n', 'https://github.com/', '{}'],
  ...[[], {}, [null], [[]], { id: {} }, [{ message: 1, added: 'all', removed: {} }], Array(300).fill({})],
]

/** As text: one or two of its values are others, gone, wrapped or doubled; one in ten is no JSON any more. */
export function bend(whole: object, random: () => number): string {
  const copy: Json = structuredClone(whole) as Json // `as`: the caller has JSON
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T // `as`: no list is empty
  for (let times = random() < 0.5 ? 1 : 2; times > 0; times--) bendOne(copy, pick)
  const text = JSON.stringify(copy)
  if (random() > 0.1) return text
  const at = Math.floor(random() * text.length)
  return pick([text.slice(0, at), `${text}}`, text.slice(0, at) + pick(['\u0000', '"', '{', ',']) + text.slice(at + 1)])
}

function bendOne(root: Json, pick: <T>(list: readonly T[]) => T): void {
  const place = pick(placesIn(root))
  const { within, name } = place
  const act = pick(['replace', 'replace', 'replace', 'remove', 'wrap', 'shout', 'double'] as const)
  const value = within[name] as Json // `as`: it is one of its names
  if (act === 'remove') delete within[name]
  else if (act === 'wrap') within[name] = [value]
  else if (act === 'shout') within[name] = typeof value === 'string' ? value.toUpperCase() : String(value)
  else if (act === 'double') within[name] = Array.isArray(value) ? [...value, ...value] : `${value}${value}`
  else within[name] = pick(odd)
}

function placesIn(root: Json): { within: Record<string, Json>; name: string }[] {
  if (typeof root !== 'object' || root === null) return []
  const within = root as Record<string, Json> // `as`: a list has names too
  return Object.entries(within).flatMap(([name, value]) => [{ within, name }, ...placesIn(value)])
}
