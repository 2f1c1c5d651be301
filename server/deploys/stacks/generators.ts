import { dependsOn, type PackageJson } from './package-json.js'

/** Where each generator of static pages leaves them, when not told otherwise. */
const folders: readonly (readonly [packageName: string, folder: string, title: string])[] = [
  ['@docusaurus/core', 'build', 'Docusaurus'],
  ['vitepress', '.vitepress/dist', 'VitePress'],
  ['@11ty/eleventy', '_site', 'Eleventy'],
  ['astro', 'dist', 'Astro'],
  ['gatsby', 'public', 'Gatsby'],
  ['hexo', 'public', 'Hexo'],
  ['react-scripts', 'build', 'Create React App'],
  ['@vue/cli-service', 'dist', 'Vue CLI'],
  ['parcel', 'dist', 'Parcel'],
  ['vite', 'dist', 'Vite'],
]

/** Null: none that we know. */
export function generatorOf(manifest: PackageJson): { title: string; folder: string } | null {
  const found = folders.find(([name]) => dependsOn(manifest, name))
  if (found?.[0] !== 'vitepress') return found ? { title: found[2], folder: found[1] } : null
  const [, source] = /vitepress build ([\w-]+)/.exec(manifest.scripts.build ?? '') ?? []
  return { title: found[2], folder: source ? `${source}/${found[1]}` : found[1] }
}

/** These serve while one develops; as a site they would be slow and open. */
const developmentServer =
  /^(?:npx )?(?:vite(?! preview --host)|react-scripts start|gatsby (?:develop|serve)|ng serve|parcel|eleventy|astro|webpack(?:-dev-server| serve)|vue-cli-service serve|docusaurus|hexo|vitepress|serve|http-server|live-server)\b/

export const isDevelopmentServer = (script: string): boolean => developmentServer.test(script.trim())
