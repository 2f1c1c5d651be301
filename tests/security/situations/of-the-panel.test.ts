import { holdsPolicyIn } from './holds.js'
import { ofThePanel } from './of-the-panel.js'

holdsPolicyIn(ofThePanel)
