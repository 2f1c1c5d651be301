import { showsNoSecret } from './secrets.js'

showsNoSecret(['client', 'viewer'])
