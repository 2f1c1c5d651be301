import { crawls } from './crawl.js'

crawls('team')
