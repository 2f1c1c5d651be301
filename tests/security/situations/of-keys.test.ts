import { holdsPolicyIn } from './holds.js'
import { ofKeysAndSessions } from './of-keys.js'

holdsPolicyIn(ofKeysAndSessions)
