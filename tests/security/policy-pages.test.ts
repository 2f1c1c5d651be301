import { holdsPolicy } from './policy.js'

holdsPolicy('each page', ({ face, method }) => face === 'page' && method === 'get')
