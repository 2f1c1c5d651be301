import { z } from 'zod'
import { Email, NewPassword, PersonName } from '../users/users.js'
import { signUpModes } from './rules.js'

const token = z.string().max(200)

export const SignUp = z.strictObject({ email: Email })

export const TokenQuery = z.object({ token: token.optional() })

export const Account = z.strictObject({ token, name: PersonName, password: NewPassword })

export const SignUpChoice = z.strictObject({ mode: z.enum(signUpModes) })
