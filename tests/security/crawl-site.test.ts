import { crawls } from './crawl.js'

crawls('site')
