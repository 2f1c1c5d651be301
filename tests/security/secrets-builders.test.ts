import { showsNoSecret } from './secrets.js'

showsNoSecret(['developer', 'owner'])
