import { holdsPolicyIn } from './holds.js'
import { ofTeams } from './of-teams.js'

holdsPolicyIn(ofTeams)
