import { describe, expect, it } from 'vitest'
import type { HookEvent } from '../../../server/git/hosts/host.js'
import { gitHosts } from '../../../server/git/hosts/hosts.js'
import { githubExamples } from '../../support/github-examples.js'
import { pullOf } from '../../support/preview-world.js'
import { sha } from '../../support/push-world.js'

const examples = githubExamples()

const read = (event: HookEvent) => {
  if (event.kind !== 'pull-request') throw new Error(`It was read as ${event.kind}`)
  return event.pullRequest
}

describe('a pull request', () => {
  it('of GitHub is read from every published example, with the repository that it wants to get into', () => {
    const payloads = examples.filter(({ name }) => name === 'pull_request').flatMap((one) => one.examples)
    const all = payloads.map((payload) => read(gitHosts.github.read('pull_request', payload)))

    expect(all.length).toBeGreaterThan(20)
    for (const one of all)
      expect(one).toMatchObject({ baseBranch: 'master', commit: expect.stringMatching(/^[0-9a-f]{40}$/) })
    expect(new Set(all.flatMap(({ repositoryKeys }) => repositoryKeys))).toContain('github.com/codertocat/hello-world')
    expect(new Set(all.map(({ isOpen }) => isOpen))).toEqual(new Set([true, false]))
  })

  it('is of a fork where its commits are elsewhere, or nobody knows where', () => {
    const isFork = (repo: unknown) => read(gitHosts.github.read('pull_request', pullOf({ repo }))).isFork

    expect([isFork(1), isFork(2), isFork(null)]).toEqual([false, true, true])
  })

  it('of GitLab is a merge request, of Gitea what GitHub sends', () => {
    const mergeRequest = {
      user: { username: 'ada' },
      project: { git_http_url: 'https://gitlab.example/acme/shop.git', git_ssh_url: null, web_url: null },
      object_attributes: {
        ...{ iid: 12, title: 'Sell more', state: 'opened', source_branch: 'more', target_branch: 'main' },
        ...{ source_project_id: 5, target_project_id: 4, last_commit: { id: sha('b') } },
        updated_at: '2026-01-01 00:00:01 UTC',
      },
    }
    const expected = {
      ...{ number: 12, headBranch: 'more', baseBranch: 'main', commit: sha('b'), isOpen: true },
      updatedAt: new Date('2026-01-01T00:00:01Z'),
    }

    expect(read(gitHosts.gitlab.read('Merge Request Hook', mergeRequest))).toMatchObject({
      ...expected,
      ...{ repositoryKeys: ['gitlab.example/acme/shop'], isFork: true, author: 'ada' },
    })
    for (const event of ['pull_request', 'pull_request_sync'])
      expect(read(gitHosts.gitea.read(event, pullOf()))).toMatchObject({ ...expected, isFork: false })
    expect(gitHosts.gitea.read('pull_request_comment', pullOf())).toEqual({ kind: 'not-used' })
  })

  it('that is asked after is read alike; one that cannot be read is none', () => {
    const of = (host: 'github' | 'gitlab' | 'gitea', answer: unknown) =>
      gitHosts[host].api.pullRequests.read(answer, 'git.example/acme/shop')
    const mergeRequest = {
      ...{ iid: 12, title: 'Sell more', state: 'merged', source_branch: 'more', target_branch: 'main', sha: sha('b') },
      ...{ author: { username: 'ada' }, source_project_id: 5, target_project_id: 4 },
      updated_at: '2026-01-01T00:00:01.000Z',
    }
    const expected = { number: 12, headBranch: 'more', baseBranch: 'main', commit: sha('b') }
    const at = { repositoryKeys: ['git.example/acme/shop'], updatedAt: new Date('2026-01-01T00:00:01Z') }

    for (const host of ['github', 'gitea'] as const)
      expect(read(of(host, pullOf().pull_request))).toMatchObject({ ...expected, ...at, isOpen: true, isFork: false })
    expect(read(of('gitlab', mergeRequest))).toMatchObject({ ...expected, ...at, isOpen: false, isFork: true })
    for (const odd of [null, [], {}, 'text', { ...mergeRequest, sha: null }])
      expect(of('gitlab', odd)).toMatchObject({ kind: 'unreadable' })
  })

  it('WH-09: is never more than unreadable, whatever of it is missing or of another kind', () => {
    const odd = [null, undefined, 0, -1, 1.5, 2 ** 40, '', 'x'.repeat(70_000), [], {}, true]
    const whole = pullOf().pull_request as Record<string, unknown>
    for (const field of Object.keys(whole))
      for (const value of odd) {
        const event = gitHosts.github.read('pull_request', pullOf({ [field]: value }))
        expect([field, ['pull-request', 'unreadable'].includes(event.kind)]).toEqual([field, true])
      }
  })
})
