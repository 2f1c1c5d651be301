import { z } from 'zod'
import { Email, TypedPassword } from '../users/users.js'

const token = z.string().max(200)

export const LinkQuery = z.object({ token: token.optional() })

export const PressedLink = z.strictObject({ token })

export const AddressChange = z.strictObject({ email: Email, current: TypedPassword })
