import { holdsPolicyIn } from './holds.js'
import { ofParts } from './of-parts.js'

holdsPolicyIn(ofParts)
