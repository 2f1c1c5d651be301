export { type Asked, askedOf } from './member-access.js'
export { holdingsSql } from './queries.js'
