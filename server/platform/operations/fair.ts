/** How many operations run: those of one team, and of all teams together; and for how many the workers have a place. */
export interface Running {
  readonly mine: number
  readonly all: number
  readonly places: number
}

/**
 * Whether a team may have one more. It may run twice as many as would have room beside: alone two thirds of the places, of
 * two busy teams each two fifths, and so on. So there is a place for whoever comes next, who need not wait for an end, and
 * what ends makes room for those who run least (Choudhury and Hahne, "Dynamic queue length thresholds for shared-memory
 * packet switches", 1998).
 */
export const mayBegin = ({ mine, all, places }: Running, most = Number.POSITIVE_INFINITY): boolean =>
  mine === 0 || (mine < most && mine < 2 * (places - all))
