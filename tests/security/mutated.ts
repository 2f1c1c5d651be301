import path from 'node:path'
import { paths } from '../../server/paths.js'
import { routes } from '../../server/routes.js'
import { shellOf } from '../../server/shell.js'
import type { MutantName } from '../support/mutants.js'
import { listen } from '../support/panel.js'
import { quietly, type Scene } from './scene.js'

const root = path.resolve(import.meta.dirname, '../..')

/** The scene as it is now, with a panel that has that hole. `close` ends the panel and leaves the scene. */
export async function mutated(scene: Scene, name: MutantName): Promise<Scene> {
  const { services } = scene.w
  // `as`: a copy of that very module.
  const [{ createApp }, { createAuthorizer }] = (await Promise.all([
    import(/* @vite-ignore */ `${root}/server/app.ts?mutant=${name}`),
    import(/* @vite-ignore */ `${root}/server/authorizer.ts?mutant=${name}`),
  ])) as [typeof import('../../server/app.js'), typeof import('../../server/authorizer.js')]
  const app = createApp(services, routes, createAuthorizer(services), { shellOf, viewGlobals: { paths }, ...quietly })
  const panel = await listen(app, services)
  return { ...scene, panel, close: () => panel.close() }
}
