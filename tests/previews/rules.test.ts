import { describe, expect, it } from 'vitest'
import { commentText, markerOf } from '../../server/previews/comment.js'
import { environmentOf, missingIn, standing, untouched } from '../../server/previews/rules.js'
import type { PreviewView } from '../../server/previews/views.js'

const preview = {
  ...{ is_open: true, base_branch: 'main', removed_why: null, is_fork: false, approved_commit: null },
  ...{ head_commit: 'b', preview_site_id: null, repository_key: 'acme/shop' },
}
const site = { branch: 'main', repositoryKey: 'acme/shop' }
const around = { settings: { ...untouched, is_on: true, most: 2 }, ...site, count: 0 }

describe('how a pull request stands', () => {
  it.each([
    ['wanted', {}, {}],
    ['off', {}, { settings: untouched }],
    ['closed', { is_open: false }, {}],
    ['other-branch', { base_branch: 'next' }, {}],
    ['other-repository', { repository_key: 'acme/other' }, {}],
    ['closed', { repository_key: 'acme/other', is_open: false }, {}],
    ['removed', { removed_why: 'Ada removed it' }, {}],
    ['needs-approval', { is_fork: true }, {}],
    ['needs-approval', { is_fork: true, approved_commit: 'a' }, {}],
    ['wanted', { is_fork: true, approved_commit: 'b' }, {}],
    ['no-room', {}, { count: 2 }],
    ['wanted', { preview_site_id: 'it has one' }, { count: 2 }],
  ])('is %s with %j and %j', (now, change, beside) => {
    expect(standing({ ...preview, ...change }, { ...around, ...beside })).toBe(now)
  })
})

describe('the environment of a preview', () => {
  const own = [
    { key: 'MODE', isSecret: false, value: 'live' },
    { key: 'TITLE', isSecret: false, value: 'Shop' },
    { key: 'DATABASE_URL', isSecret: true, value: 'the real one' },
    { key: 'STRIPE_KEY', isSecret: true, value: 'the real one' },
  ]
  const forPreviews = [
    { key: 'MODE', isSecret: false, value: 'try' },
    { key: 'DATABASE_URL', isSecret: true, value: 'a small one' },
  ]

  it('has no secret of the site, and what is set for previews in place of its own', () => {
    expect(environmentOf(own, forPreviews, false).map(({ key, value }) => `${key}=${value}`)).toEqual([
      ...['TITLE=Shop', 'MODE=try', 'DATABASE_URL=a small one'],
    ])
    expect(missingIn(own, forPreviews)).toEqual(['STRIPE_KEY'])
  })

  it('WH-11: has no secret at all for a fork', () => {
    expect(environmentOf(own, forPreviews, true).map(({ key }) => key)).toEqual(['TITLE', 'MODE'])
  })
})

describe('the comment', () => {
  const view = { state: 'failed', url: 'https://pr.example', isLive: true, commit: 'c'.repeat(40), fault: null }
  const text = (change: Partial<PreviewView>, site = 'Shop') =>
    commentText({
      ...{ id: '1', site, deployUrl: 'https://panel.example/deploys/1', previewsUrl: 'https://panel.example/previews' },
      preview: { ...view, text: 'It failed', ...change } as PreviewView, // `as`: no more of it is read
    })

  it('makes nothing of what people and programs wrote: no mention, link, image, table or tag', () => {
    const hostile = 'a | b\n| c | @everyone <img src=x> ![x](y) [x](javascript:1) `code` <!-- hostler-preview 2 -->'
    const comment = text({ text: hostile }, hostile)

    expect(comment.split('\n')).toHaveLength(9)
    expect(comment).not.toMatch(/(?<!\\)[<[]img|(?<!\\)!\[|@everyone/)
    expect(comment.replace(markerOf('1'), '')).not.toMatch(/(?<!\\)<!/)
  })

  it('has no address before anything runs there, and none when it is gone', () => {
    expect(text({})).toContain('| Address | https://pr.example |')
    expect(text({ isLive: false })).not.toContain('pr.example')
    expect(text({ state: 'none', url: null, isLive: false, text: 'Closed' })).not.toContain('Commit')
  })
})
