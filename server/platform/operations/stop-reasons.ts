/** Why a run is being stopped: the reason of its abort signal, which decides what happens next. */

/** Somebody asked for it: what was begun is undone. */
export class CancelRequested extends Error {
  override readonly name = 'CancelRequested'
}

/** The step found that nothing has to be done, and its message says why: what was begun is undone. */
export class NothingToDo extends Error {
  override readonly name = 'NothingToDo'
}

/** Another runner may have taken over: nothing more may be written or done. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost'
}

/** The process is going away: stop here, so that another may resume at once. */
export class RunnerStopping extends Error {
  override readonly name = 'RunnerStopping'
}

/** The step took longer than it may. */
export class DeadlinePassed extends Error {
  override readonly name = 'DeadlinePassed'
  readonly afterMs: number

  constructor(afterMs: number) {
    super(`not done within ${Math.round(afterMs / 1000)} s`)
    this.afterMs = afterMs
  }
}
