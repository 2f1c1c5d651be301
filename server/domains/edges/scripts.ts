import { fileURLToPath } from 'node:url'
import type { Host } from '../../platform/ssh/host.js'
import { ensureScripts, type Scripts } from '../../platform/ssh/scripts.js'

const folder = fileURLToPath(new URL('./scripts/', import.meta.url))

/** The edges' own scripts on that machine. */
export const edgeScripts = (host: Host): Promise<Scripts> => ensureScripts(host, folder)
