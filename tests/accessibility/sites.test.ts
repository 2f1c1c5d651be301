import { axeFindsNothingOn } from './pages.js'

axeFindsNothingOn('sites')
