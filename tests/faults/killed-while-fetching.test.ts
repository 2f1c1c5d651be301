import { killedWhile } from '../support/killed-worker.js'

killedWhile('fetching')
