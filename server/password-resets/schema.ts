import { z } from 'zod'
import { NewPassword } from '../users/users.js'

const token = z.string().max(200)

export const ResetQuery = z.object({ token: token.optional() })

export const PasswordReset = z.strictObject({ token, password: NewPassword })
