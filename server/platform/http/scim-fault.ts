import type { Response } from 'express'
import { UserError } from '../errors.js'
import type { Fault } from './fault.js'

/** RFC 7644, table 9: those that we have a use for. */
export type ScimType =
  | 'invalidFilter'
  | 'invalidPath'
  | 'invalidSyntax'
  | 'invalidValue'
  | 'mutability'
  | 'noTarget'
  | 'uniqueness'

/** Refused for a reason that SCIM has a word for. */
export class ScimFault extends UserError {
  readonly scimType: ScimType

  constructor(scimType: ScimType, message: string, hint?: string, options?: ErrorOptions) {
    super(scimType === 'uniqueness' ? 409 : 400, message, hint, options)
    this.name = 'ScimFault'
    this.scimType = scimType
  }
}

/** RFC 7644, 3.12. A status that SCIM does not know is told as the one that it has for it. */
export function sendScimError(res: Response, fault: Fault, error: unknown): void {
  const status = fault.status === 422 ? 400 : fault.status
  const scimType = error instanceof ScimFault ? error.scimType : fault.status === 422 ? 'invalidValue' : undefined
  const body = {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
    ...(scimType && { scimType }),
    detail: [fault.message, fault.hint, fault.reference && `Reference ${fault.reference}.`].filter(Boolean).join('. '),
    status: String(status),
  }
  if (status === 429) res.set('Retry-After', '60')
  res.status(status).set(fault.headers).type('application/scim+json').send(JSON.stringify(body))
}
