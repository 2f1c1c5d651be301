import { edgeContract } from '../../../support/edge-contract.js'

edgeContract('caddy')
