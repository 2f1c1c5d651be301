import { keepsAnyText } from './any-text.js'

keepsAnyText('site-parts')
