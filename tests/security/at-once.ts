/** As many requests at once as a browser and its tabs make; more would wait for the database all the same. */
const atOnce = 8

/** What `ask` gives for each, in the order of the list. */
export async function eachOf<T, R>(list: readonly T[], ask: (one: T) => Promise<R>): Promise<R[]> {
  const given: R[] = []
  const todo = [...list.entries()].reverse()
  const work = async () => {
    for (let next = todo.pop(); next; next = todo.pop()) given[next[0]] = await ask(next[1])
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return given
}
