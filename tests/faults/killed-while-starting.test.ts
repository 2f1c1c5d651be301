import { killedWhile } from '../support/killed-worker.js'

killedWhile('starting')
