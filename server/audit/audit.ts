export { anchorEvents, anchorPublicKey } from './anchors.js'
export { keepEventMonths } from './retention.js'
export { type Known, type Verification, verifyLog } from './verification.js'
