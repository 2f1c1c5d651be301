import { axeFindsNothingOn } from './pages.js'

axeFindsNothingOn('rest')
