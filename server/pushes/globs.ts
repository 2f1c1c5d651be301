/**
 * Patterns of paths: `*` is any text within one name, `?` one character of it, `**` any number of folders, and a slash at
 * the end means all in that folder. Not a library's: theirs become regular expressions, some of which take years over a
 * path that was made for it, and a pattern here is whatever somebody wrote. This takes a time that grows with the
 * product of both lengths.
 */
export function matchesGlob(pattern: string, path: string): boolean {
  const wanted = (pattern.endsWith('/') ? `${pattern}**/*` : pattern).split('/')
  const names = path.split('/')
  // reach[n]: the parts of the pattern so far can match the first n names.
  let reach = [true, ...names.map(() => false)]
  for (const part of wanted) {
    const next = names.map(() => false)
    reach =
      part === '**'
        ? [...reach.keys()].map((n) => reach.slice(0, n + 1).includes(true))
        : [false, ...next.map((_, n) => reach[n] === true && matchesName(part, names[n] ?? ''))]
  }
  return reach.at(-1) === true
}

/** Goes back to the last `*` alone: what an earlier one could still take, the last one can take as well. */
function matchesName(pattern: string, name: string): boolean {
  let p = 0
  let n = 0
  let star = -1
  let taken = 0
  while (n < name.length) {
    if (p < pattern.length && pattern[p] === '*') {
      star = p++
      taken = n
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === name[n])) {
      p++
      n++
    } else if (star >= 0) {
      p = star + 1
      n = ++taken
    } else return false
  }
  while (pattern[p] === '*') p++
  return p === pattern.length
}
