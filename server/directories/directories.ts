/** A company's directory: what it tells by SCIM of the people and groups of a team. */
export { isHeldOut, wordOn } from './admission.js'
export { knowDirectories } from './knowing.js'
export { lockDirectory } from './queries.js'
export { takeAllRoles } from './settle.js'
