import { holdsPolicy } from './policy.js'

holdsPolicy('each entrance of the API', ({ face }) => face === 'api')
