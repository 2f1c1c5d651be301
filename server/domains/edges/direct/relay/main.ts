import cluster from 'node:cluster'
import { resolve } from 'node:path'
import { hold } from './holder.js'
import { serve } from './worker.js'

/** `node relay.cjs <folder>`, where the folder holds `sites/<siteId>.json`. Bundled into one file and run on the servers. */
const folder = resolve(process.argv[2] ?? '.')

if (cluster.isPrimary) hold(folder)
else serve(folder, new Set(process.argv[3]?.split(',').map(Number)))
