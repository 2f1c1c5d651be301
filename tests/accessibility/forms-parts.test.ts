import { axeFindsNothingOnRefused } from './forms.js'

axeFindsNothingOnRefused('parts')
