import { keepsAnyText } from './any-text.js'

keepsAnyText('team')
