import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import nunjucks from 'nunjucks'
import { addFilters } from './filters.js'
import { makeIcon, options as optionsOf, stateBadge, stylesheets } from './marks.js'
import { projectFolder } from './project-folder.js'

export interface Views {
  render(view: string, context: object): string
}

export interface ViewOptions {
  /** Compiles all views at start and keeps them; an undefined value prints as nothing instead of throwing. */
  readonly isProduction: boolean
  /** `asset('css/hostler.css')`: the URL of a file under `public/`. */
  readonly asset: (path: string) => string
  readonly clock: () => Date
  /** Further names that every view knows, such as `paths`. */
  readonly globals?: Readonly<Record<string, unknown>>
  /** Looked in before `views/`; tests keep theirs outside. */
  readonly moreFolders?: readonly string[]
}

/** The only door to Nunjucks. Autoescape is on, and no view is ever made from a text at run time. */
export function createViews(options: ViewOptions): Views {
  const folders = [...(options.moreFolders ?? []), join(projectFolder, 'views')]
  const env = new nunjucks.Environment(new nunjucks.FileSystemLoader(folders, { noCache: !options.isProduction }), {
    autoescape: true,
    throwOnUndefined: !options.isProduction,
    trimBlocks: true,
    lstripBlocks: true,
  })
  addFilters(env, options.clock)
  env.addGlobal('asset', options.asset)
  env.addGlobal('icon', makeIcon(options.asset))
  env.addGlobal('stylesheets', stylesheets(options.asset))
  env.addGlobal('stateBadge', stateBadge)
  env.addFilter('options', optionsOf)
  for (const [name, value] of Object.entries(options.globals ?? {})) env.addGlobal(name, value)
  // A view that does not compile stops the start, not the first visitor.
  if (options.isProduction) for (const view of viewsUnder(join(projectFolder, 'views'))) env.getTemplate(view, true)
  return { render: (view, context) => env.render(`${view}.njk`, context) }
}

const viewsUnder = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.njk'))
