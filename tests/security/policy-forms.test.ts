import { holdsPolicy } from './policy.js'

holdsPolicy('each form', ({ face, method }) => face === 'page' && method !== 'get')
