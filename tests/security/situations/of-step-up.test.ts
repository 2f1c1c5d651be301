import { holdsPolicyIn } from './holds.js'
import { ofStepUp } from './of-step-up.js'

holdsPolicyIn(ofStepUp)
