export { hostDoors } from './host-targets.js'
