export interface GatherLimits<Item> {
  readonly most: number
  /** Of one batch together, in the unit of `weigh`. One that alone is heavier goes alone. Left out: none is heavy. */
  readonly mostWeight?: number
  readonly weigh?: (item: Item) => number
  /** An error is no single one's fault: all of the batch hear it at once. Left out: each is tried alone. */
  readonly failsTogether?: true
}

export interface Gatherer<Item, Result> {
  (item: Item): Promise<Result>
  /** Whether a batch is under way. */
  isBusy(): boolean
}

/**
 * Does together what is asked at the same time: what comes while a batch is under way is the next batch, so nobody waits
 * for company, and a flood costs a few transactions instead of one each. No answer is older than who asked for it. `work`
 * answers in the order it was asked. When it throws, each item is tried alone, so that one that cannot be done fails by
 * itself.
 */
export function gather<Item, Result>(
  work: (items: readonly Item[]) => Promise<readonly Result[]>,
  limits: GatherLimits<Item>,
): Gatherer<Item, Result> {
  interface Asked {
    readonly item: Item
    readonly resolve: (result: Result) => void
    readonly reject: (error: unknown) => void
  }
  const waiting: Asked[] = []
  let isRunning = false

  function nextBatch(): Asked[] {
    let count = 0
    let weight = 0
    for (const { item } of waiting) {
      weight += limits.weigh?.(item) ?? 0
      if (count > 0 && (count >= limits.most || weight > (limits.mostWeight ?? Infinity))) break
      count++
    }
    return waiting.splice(0, count)
  }

  async function answer(batch: readonly Asked[]): Promise<void> {
    try {
      const results = await work(batch.map(({ item }) => item))
      // `as`: one result for each item, as `work` promises.
      for (const [index, asked] of batch.entries()) asked.resolve(results[index] as Result)
    } catch (error) {
      if (batch.length === 1 || limits.failsTogether) for (const asked of batch) asked.reject(error)
      else for (const asked of batch) await answer([asked])
    }
  }

  async function run(): Promise<void> {
    isRunning = true
    while (waiting.length > 0) await answer(nextBatch())
    isRunning = false
  }

  const ask = (item: Item): Promise<Result> =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      if (!isRunning) void run()
    })
  return Object.assign(ask, { isBusy: () => isRunning })
}
