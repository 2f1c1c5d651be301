import { keepsAnyText } from './any-text.js'

keepsAnyText('server')
