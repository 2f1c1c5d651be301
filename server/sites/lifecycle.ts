/**
 * How sites begin and end, for other features. Apart from `sites.ts`, because these reach into deploys, which read sites.
 */
export { type Copy, copySite, updateCopy } from './copies.js'
export { leaveSiteBehind, removeCopy, removeWithTeam } from './removal.js'
