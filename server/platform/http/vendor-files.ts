import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { iconNames } from './icons.js'
import { projectFolder } from './project-folder.js'

/** Files of packages that browsers need. They are served from our own origin and are not committed. */
const copies = {
  'vendor/tabler.css': '@tabler/core/dist/css/tabler.min.css',
  'vendor/htmx.js': 'htmx.org/dist/htmx.min.js',
  'vendor/chart.js': 'chart.js/dist/chart.umd.min.js',
  'vendor/webauthn.js': '@simplewebauthn/browser/dist/bundle/index.umd.min.js',
  'vendor/xterm.css': '@xterm/xterm/css/xterm.css',
  'vendor/xterm.js': '@xterm/xterm/lib/xterm.mjs',
} as const

/**
 * Brings `public/vendor` up to date with the installed packages; a file that is right already is not touched. A step of
 * the build: where the panel runs, its own folder may be read-only, and those packages need not be there.
 */
export function prepareVendorFiles(publicFolder = join(projectFolder, 'public')): void {
  for (const [to, from] of Object.entries(copies)) {
    const text = readFileSync(join(projectFolder, 'node_modules', from), 'utf8')
    // Source maps are not served, and browsers' tools would ask for them.
    keep(join(publicFolder, to), text.replace(/^(\/\*|\/\/)# sourceMappingURL=.*$/m, ''))
  }
  keep(join(publicFolder, 'vendor/icons.svg'), iconSprite())
}

function iconSprite(): string {
  const symbols = [...iconNames].map((name) => {
    const svg = readFileSync(join(projectFolder, 'node_modules/@tabler/icons/icons/outline', `${name}.svg`), 'utf8')
    const shapes = svg.slice(svg.indexOf('>') + 1, svg.lastIndexOf('</svg>')).replace(/<path stroke="none"[^>]*\/>/, '')
    return `<symbol id="${name}" viewBox="0 0 24 24">${shapes.replaceAll(/\s*\n\s*/g, '')}</symbol>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join('\n')}\n</svg>\n`
}

function keep(path: string, text: string): void {
  if (readOrNull(path) === text) return
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
