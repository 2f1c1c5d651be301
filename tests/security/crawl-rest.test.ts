import { crawls } from './crawl.js'

crawls('rest')
