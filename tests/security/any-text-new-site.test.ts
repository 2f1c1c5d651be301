import { keepsAnyText } from './any-text.js'

keepsAnyText('new-site')
