/** Errors that a person can act on. Features throw them; only `platform/http` and the operation runner show them. */

/** Refused, missing or busy: `message` says what happened, `hint` what to do now. Never a bug, so never logged as one. */
export class UserError extends Error {
  readonly status: number
  readonly hint: string | undefined

  constructor(status: number, message: string, hint?: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'UserError'
    this.status = status
    this.hint = hint
  }
}

/** Also thrown for another team's row: a stranger learns nothing. */
export const notFound = (what: string): UserError => new UserError(404, `There is no such ${what}`)

/** Somebody asked for what is not theirs to do. Each is written down. */
export class Forbidden extends UserError {
  constructor(why: string) {
    super(403, why)
    this.name = 'Forbidden'
  }
}

export const forbidden = (why: string): UserError => new Forbidden(why)

/** The thing exists but may not be changed this way now. */
export const conflict = (message: string, hint?: string): UserError => new UserError(409, message, hint)

/** A form field that could not be accepted although its shape was right (a name already taken). */
export class FieldError extends UserError {
  readonly field: string

  constructor(field: string, message: string) {
    super(422, message)
    this.name = 'FieldError'
    this.field = field
  }
}
