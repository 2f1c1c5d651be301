import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

export interface RelayBundle {
  /** The relay with its library in one CommonJS file that any Node from 20 runs. */
  code: string
  /** Changes with the code, so a host knows whether it has this one. */
  version: string
}

/** Beside this file once `npm run build` (`bin/lib/finish-build.js`) has written it. */
export const builtFile = fileURLToPath(new URL('./relay.cjs', import.meta.url))

let loaded: Promise<RelayBundle> | null = null

/** The file that the servers run: the built one, or made now where the panel runs from its sources. */
export function relayBundle(): Promise<RelayBundle> {
  loaded ??= load()
  return loaded
}

async function load(): Promise<RelayBundle> {
  const code = existsSync(builtFile) ? await readFile(builtFile, 'utf8') : await bundleRelay()
  return { code, version: createHash('sha256').update(code).digest('hex').slice(0, 12) }
}

/** Needs esbuild, which is there for building only. */
export async function bundleRelay(): Promise<string> {
  const { build } = await import('esbuild')
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const built = await build({
    entryPoints: [fileURLToPath(new URL(`./relay/main.${extension}`, import.meta.url))],
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    legalComments: 'inline',
    logLevel: 'silent',
  })
  const [file] = built.outputFiles
  if (file === undefined) throw new Error('esbuild made no file for the relay')
  return file.text
}
