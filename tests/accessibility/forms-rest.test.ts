import { axeFindsNothingOnRefused } from './forms.js'

axeFindsNothingOnRefused('rest')
