import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ago, bytes, duration, initials, plural, webUrl } from '../../../server/platform/http/filters.js'
import { iconNames } from '../../../server/platform/http/icons.js'
import { makeIcon, options, stateBadge } from '../../../server/platform/http/marks.js'
import { projectFolder } from '../../../server/platform/http/project-folder.js'
import { createViews } from '../../../server/platform/http/views.js'

const folder = join(projectFolder, 'views')
const views = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.njk'))
  .map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8').replaceAll(/\{#[\s\S]*?#\}/g, '') }))

/** Mails are shown under no policy of ours, and their readers load no stylesheet. */
const isMail = (file: string) => file === join('mail', 'layouts', 'html.njk')

describe('every view', () => {
  test.each([
    ['XT-05: switches no escaping off', /\|\s*safe\b/],
    ['XT-03: quotes every attribute that holds a value', /[\w-]=\{\{/],
    ['XT-03: has no code in attributes', /\shx-on|js:|javascript:|\son[a-z]+=/],
    ['CS-11: has no inline style', /\sstyle=|<style/, isMail],
    ['CS-11: has no inline script', /<script(?![^>]*\ssrc=)/],
    ['loads nothing from elsewhere', /(?:src|href)="https?:/],
  ] as [string, RegExp, typeof isMail?][])('%s', (_rule, pattern, isExcused) => {
    expect(views.filter(({ file, text }) => pattern.test(text) && !isExcused?.(file)).map(({ file }) => file)).toEqual(
      [],
    )
  })

  test('CS-01: has the token in every form that is posted to us, and in none that goes elsewhere', () => {
    const forms = views.flatMap(({ file, text }) =>
      [...text.matchAll(/<form[^>]*method="post"[\s\S]*?<\/form>/g)].map((match) => ({ file, form: match[0] })),
    )

    expect(forms.length).toBeGreaterThan(0)
    // What is checked to be an address of the web, and is no path of ours, leads elsewhere.
    const leavesUs = (form: string) => /action="\{\{[^}]*\| webUrl \}\}"/.test(form)
    expect(forms.filter(({ form }) => form.includes('csrfField') === leavesUs(form)).map(({ file }) => file)).toEqual(
      [],
    )
  })

  test('uses only icons that are in the sprite', () => {
    const used = views.flatMap(({ text }) => [...text.matchAll(/\bicon\('([\w-]+)'/g)].map((match) => match[1] ?? ''))

    expect(used.filter((name) => !iconNames.has(name))).toEqual([])
  })

  test('compiles', () => {
    expect(() => createViews({ isProduction: true, asset: (path) => path, clock: () => new Date() })).not.toThrow()
  })
})

describe('views', () => {
  const options = {
    asset: (path: string) => path,
    clock: () => new Date(),
    moreFolders: [join(import.meta.dirname, 'views')],
  }
  const context = { layout: 'layouts/fragment.njk', may: () => true }

  test.each([
    '{{7*7}}',
    '{{range.constructor("return process.version")()}}',
    '"><img src=x onerror=alert(1)>',
    '</script><script>',
  ])('XT-01, XT-04: %s is only text', (name) => {
    const html = createViews({ ...options, isProduction: true }).render('note', { ...context, name })

    expect(html).not.toMatch(/<img|<script|49|v\d+\.\d+/)
  })

  test('a value that is missing stops the test and the developer, not production', () => {
    expect(() => createViews({ ...options, isProduction: false }).render('note', context)).toThrow('undefined')
    expect(() => createViews({ ...options, isProduction: true }).render('note', context)).not.toThrow()
  })
})

describe('how things look', () => {
  test('XT-01: icons, pills and options escape what they are given, and know their names and colours', () => {
    const icon = makeIcon((path) => `/assets/${path}`)

    expect(`${icon('check', { label: '"><b>' })}`).toContain('aria-label="&#34;&#62;&#60;b&#62;"')
    expect(`${icon('check')}`).toContain('aria-hidden="true"><use href="/assets/vendor/icons.svg#check"/>')
    expect(() => icon('unicorn')).toThrow('icons.ts')
    expect(`${stateBadge('<b>')}`).toMatch(/^<span class="pill is-neutral">.*&#60;b&#62;<\/span>$/)
    expect(`${stateBadge('running')}`).toContain('class="pill is-info is-moving"')
    expect(`${options([{ value: '"', label: '<b>' }], '"')}`).toBe(
      '<option value="&#34;" selected>&#60;b&#62;</option>',
    )
    expect(`${stateBadge('rolled back')}`).toMatch(/is-warning.*>Rolled back<\/span>$/)
  })

  test('XT-02: only web addresses become links', () => {
    const refused = [
      'javascript:alert(1)',
      'JAVASCRIPT:alert(1)',
      ' \tjavascript:x',
      'data:text/html,x',
      'vbscript:x',
      '//evil.test',
      'x',
      '',
    ]

    expect(refused.map(webUrl)).toEqual(refused.map(() => null))
    expect(webUrl('https://example.com/a?b')).toBe('https://example.com/a?b')
    expect(webUrl(null)).toBeNull()
  })

  test('times', () => {
    const now = new Date('2026-01-10T12:00:00Z')
    const before = (seconds: number) => ago(new Date(now.getTime() - seconds * 1000), now)

    expect([0, 9, 59, 61, 7200, 90_000, 40 * 86_400, 800 * 86_400].map(before)).toEqual([
      'just now',
      'just now',
      '59 seconds ago',
      '1 minute ago',
      '2 hours ago',
      'yesterday',
      'last month',
      '2 years ago',
    ])
    expect(before(-3600)).toBe('in 1 hour')
  })

  test('sizes and durations', () => {
    expect([0, 1023, 1024, 1536, 10_000_000, 5 * 1024 ** 4].map(bytes)).toEqual([
      '0 B',
      '1023 B',
      '1 KB',
      '1.5 KB',
      '9.5 MB',
      '5 TB',
    ])
    expect([0, 240, 4200, 59_999, 185_000, 7_800_000].map(duration)).toEqual([
      '0 ms',
      '240 ms',
      '4.2 s',
      '59 s',
      '3 m 05 s',
      '2 h 10 m',
    ])
    expect([bytes(null), duration(null)]).toEqual(['–', '–'])
    expect([plural(1, 'site'), plural(0, 'site'), initials('Ada King Lovelace'), initials('x@y')]).toEqual([
      '1 site',
      '0 sites',
      'AK',
      'XY',
    ])
  })
})
