import { axeFindsNothingOn } from './pages.js'

axeFindsNothingOn('servers')
