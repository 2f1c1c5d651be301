interface Waiting<Key, Answer> {
  readonly key: Key
  readonly resolve: (answer: Answer) => void
  readonly reject: (reason: unknown) => void
}

/**
 * Whoever asks while a question is on its way waits for the next one, which is asked for all who wait by then. So a busy
 * panel asks less for each request, and no answer is older than who asked for it.
 * @param ask answers in the order of the keys; when it fails, all who are in it hear so
 */
export function together<Key, Answer>(
  ask: (keys: readonly Key[]) => Promise<readonly Answer[]>,
): (key: Key) => Promise<Answer> {
  let waiting: Waiting<Key, Answer>[] = []
  let isAsking = false

  async function askForAll(): Promise<void> {
    isAsking = true
    while (waiting.length > 0) {
      const asked = waiting
      waiting = []
      try {
        const answers = await ask(asked.map(({ key }) => key))
        // `as`: there is an answer for each.
        for (const [index, { resolve }] of asked.entries()) resolve(answers[index] as Answer)
      } catch (reason) {
        for (const { reject } of asked) reject(reason)
      }
    }
    isAsking = false
  }

  return (key) =>
    new Promise((resolve, reject) => {
      waiting.push({ key, resolve, reject })
      if (!isAsking) void askForAll()
    })
}
