import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { HookEvent } from '../../../server/git/hosts/host.js'
import { gitHosts } from '../../../server/git/hosts/hosts.js'
import { Secret } from '../../../server/platform/secret.js'
import { githubExamples } from '../../support/github-examples.js'
import { pushOf, sha } from '../../support/push-world.js'

const { github } = gitHosts
const read = (payload: unknown): HookEvent => github.read('push', payload)

const examples = githubExamples()

describe('what GitHub sends', () => {
  it('is read from every published example, and only pushes to branches that are there can deploy', () => {
    const found = examples.flatMap(({ name, examples: payloads }) =>
      payloads.map((payload) => ({ name, event: github.read(name, payload) })),
    )

    expect(found.length).toBeGreaterThan(300)
    const kinds = (kind: string) => new Set(found.filter(({ event }) => event.kind === kind).map(({ name }) => name))
    expect(kinds('unreadable')).toEqual(new Set())
    expect(kinds('ping')).toEqual(new Set(['ping']))
    expect(kinds('push')).toEqual(new Set(['push', 'delete']))
    const deploying = found.filter(({ event }) => event.kind === 'push' && event.push.branch && event.push.commit)
    expect(deploying.map(({ event }) => event.kind === 'push' && event.push)).toMatchObject([
      ...[1, 2].map(() => ({ branch: 'master', repositoryKeys: ['github.com/codertocat/hello-world'] })),
    ])
  })

  it('tells which files were changed, or that nobody knows', () => {
    const paths = (payload: unknown) => {
      const event = read(payload)
      return event.kind === 'push' ? event.push.changedPaths : event.kind
    }
    const commit = { id: sha('a'), added: ['a'], modified: ['b'], removed: ['c'] }

    expect(paths(pushOf({ commits: [commit, { ...commit, added: ['a', 'd'] }] }))).toEqual(['a', 'b', 'c', 'd'])
    expect(paths(pushOf({ commits: [] }))).toBeNull()
    expect(paths(pushOf({ commits: null }))).toBeNull()
    expect(paths(pushOf({ commits: [null] }))).toBeNull()
    expect(paths(pushOf({ commits: [{ id: sha('a') }] }))).toBeNull()
    expect(paths(pushOf({ forced: true }))).toBeNull()
    expect(paths(pushOf({ created: true }))).toBeNull()
    expect(paths(pushOf({ commits: Array(2048).fill(commit) }))).toBeNull()
  })

  it('WH-09: is never more than unreadable, whatever of it is missing or of another kind', () => {
    const odd = [
      null,
      undefined,
      0,
      -1,
      Number.POSITIVE_INFINITY,
      '',
      'x'.repeat(70_000),
      [],
      {},
      [null],
      { ref: {} },
      true,
    ]
    const whole = pushOf() as Record<string, unknown>
    for (const field of Object.keys(whole))
      for (const value of odd) {
        const event = read({ ...whole, [field]: value })
        expect([field, ['push', 'unreadable'].includes(event.kind)]).toEqual([field, true])
      }
    for (const value of odd) expect(['push', 'unreadable']).toContain(read(value).kind)
  })
})

describe('the signature', () => {
  const bytes = Buffer.from('{"a":1}')
  const hmac = createHmac('sha256', 'the secret').update(bytes).digest('hex')
  const secret = new Secret('the secret')

  it('WH-01, WH-02: of each host is taken in its one spelling, and with no empty secret', () => {
    const isGood = (host: keyof typeof gitHosts, headers: Record<string, string>, of = secret) =>
      gitHosts[host].isSigned(of, bytes, headers, new Date())

    expect(isGood('github', { 'x-hub-signature-256': `sha256=${hmac}` })).toBe(true)
    expect(isGood('github', { 'x-hub-signature-256': hmac })).toBe(false)
    expect(isGood('github', { 'x-gitea-signature': hmac })).toBe(false)
    expect(isGood('gitea', { 'x-gitea-signature': hmac })).toBe(true)
    expect(isGood('gitea', { 'x-forgejo-signature': hmac })).toBe(true)
    expect(isGood('gitea', { 'x-gitea-signature': hmac.slice(2) })).toBe(false)
    expect(isGood('gitea', { 'x-gitea-signature': '0'.repeat(64), 'x-forgejo-signature': hmac })).toBe(false)
    expect(isGood('gitlab', { 'x-gitlab-token': 'the secret' })).toBe(true)
    expect(isGood('gitlab', { 'x-gitlab-token': 'the secre' })).toBe(false)
    expect(isGood('gitlab', {})).toBe(false)
    const empty = createHmac('sha256', '').update(bytes).digest('hex')
    expect(isGood('github', { 'x-hub-signature-256': `sha256=${empty}` }, new Secret(''))).toBe(false)
    expect(isGood('gitlab', { 'x-gitlab-token': '' }, new Secret(''))).toBe(false)
  })
})
