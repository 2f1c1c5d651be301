import type { Services } from '../services.js'

/** A worker runs thirty at once, so one team alone never has them all. */
const usualLimit = 20

export const teamLimit = ({ config }: Pick<Services, 'config'>): number => config.teamOperations ?? usualLimit
