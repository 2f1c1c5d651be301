import { z } from 'zod'
import { NewPassword, TypedEmail } from '../users/users.js'

const token = z.string().max(200)

export const ResetQuery = z.object({ token: token.optional() })

export const PasswordReset = z.strictObject({ token, password: NewPassword })

export const ResetRequest = z.strictObject({ email: TypedEmail })
