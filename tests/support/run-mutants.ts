import path from 'node:path'
import type { Plugin } from 'vitest/config'
import { type Mutant, type MutantName, mutants } from './mutants.js'

const root = path.resolve(import.meta.dirname, '../..')
const gate = 'server/authorizer.ts'
const within = (folder: string, ...names: string[]) => names.map((name) => `${folder}/${name}.ts`)

/** What stands between a request and its handler, and know each other's errors. */
const serving = [
  gate,
  'server/app.ts',
  ...within('server/platform/access', 'authorizer', 'step-up'),
  ...within('server/platform/http', 'mount', 'serve', 'csrf', 'errors', 'fault', 'send-elsewhere', 'send-reply'),
  ...within('server/platform/http', 'receive', 'query', 'api-answer'),
]

/** By how a mutant's file begins: what a mutated panel has a copy of. Everything else it shares with other panels. */
const copies: readonly (readonly [start: string, files: readonly string[]])[] = [
  [gate, [gate]],
  ['server/api-keys/', [gate, ...within('server/api-keys', 'api-keys', 'knowing', 'queries')]],
  ['server/sessions/', [gate, ...within('server/sessions', 'sessions', 'identity', 'queries')]],
  ['server/support/', [gate, ...within('server/support', 'support', 'visits', 'queries')]],
  ['server/platform/access/closed', [gate, 'server/platform/access/closed.ts']],
  [
    'server/platform/access/access',
    [gate, ...within('server/roles', 'roles', 'member-access'), 'server/platform/access/access.ts'],
  ],
  ['server/platform/', serving],
]

function isCopied(file: string, name: string): boolean {
  if (!Object.hasOwn(mutants, name)) throw new Error(`There is no mutant called ${name}`)
  const mutant: Mutant = mutants[name as MutantName] // `as`: it is a key of them
  const own = path.relative(root, file)
  // The one without a hole has a copy of whatever any other one has.
  if (mutant.piece === '') return copies.some(([, files]) => files.includes(own))
  return copies.find(([start]) => mutant.file.startsWith(start))?.[1].includes(own) === true
}

const named = /^(.*)\?mutant=(.*)$/

/** Lets tests import `server/app.ts?mutant=NAME`: that module of a product with the hole of that name. */
export const runMutants = (): Plugin => ({
  name: 'run-mutants',
  enforce: 'pre',
  resolveId(source, importer) {
    const [, asked = '', wanted] = named.exec(source) ?? []
    const [, from = '', name = wanted] = named.exec(importer ?? '') ?? []
    if (name === undefined) return null
    if (wanted === undefined && !source.startsWith('.')) return null
    const file = wanted ? asked : path.resolve(path.dirname(from), source).replace(/\.js$/, '.ts')
    if (isCopied(file, name)) return `${file}?mutant=${name}`
    return wanted ? this.resolve(`./${path.basename(file).replace(/\.ts$/, '.js')}`, file, { skipSelf: true }) : null
  },
  transform(code, id) {
    const [, file = '', name = ''] = named.exec(id) ?? []
    if (!Object.hasOwn(mutants, name)) return null
    const mutant: Mutant = mutants[name as MutantName] // `as`: as above
    const isIt = file === path.join(root, mutant.file) && mutant.piece !== ''
    return isIt ? { code: mutate(code, mutant), map: null } : null
  },
})

function mutate(code: string, { file, piece, instead }: Mutant): string {
  const parts = code.split(piece)
  if (parts.length !== 2) throw new Error(`${file} has this ${parts.length - 1} times and not once: ${piece}`)
  return parts.join(instead)
}
