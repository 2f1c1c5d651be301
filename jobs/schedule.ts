import type { Recurring } from '../server/platform/queue/schedule.js'

/** Everything that happens by itself, and how often. */
export const recurring: readonly Recurring[] = []
