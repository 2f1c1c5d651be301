import { fileURLToPath } from 'node:url'
import type { Host } from '../../platform/ssh/host.js'
import { ensureScripts, type Scripts } from '../../platform/ssh/scripts.js'

/** Compiled, this module lies in dist/ and its scripts still where they were written. */
const folder = fileURLToPath(new URL('./scripts/', import.meta.url)).replace(/\/dist(?=\/server\/)/, '')

/** The edges' own scripts on that machine. */
export const edgeScripts = (host: Host): Promise<Scripts> => ensureScripts(host, folder)
