/** TypeScript compiles modules only; the shell scripts that they read beside them have to come along into dist/. */
import { cpSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './run.js'

const scripts = readdirSync(join(root, 'server'), { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.sh'),
)
for (const script of scripts) cpSync(join(root, 'server', script), join(root, 'dist', 'server', script))
console.log(`${scripts.length} scripts copied`)
