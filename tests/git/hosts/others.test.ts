import { describe, expect, it } from 'vitest'
import { gitHosts, guessGitHost } from '../../../server/git/hosts/hosts.js'
import { maybeRepositoryKey } from '../../../server/git/repository-key.js'
import { sha } from '../../support/push-world.js'

const commit = { id: sha('a'), message: 'Sell more\n\nMuch more', added: ['a'], modified: [], removed: [] }

describe('GitLab', () => {
  const push = {
    ...{ object_kind: 'push', ref: 'refs/heads/main', before: sha('b'), after: sha('a'), user_name: 'Ada' },
    project: {
      git_http_url: 'https://gitlab.example.com/acme/shop.git',
      git_ssh_url: 'git@gitlab.example.com:acme/shop.git',
    },
    ...{ commits: [commit], total_commits_count: 1 },
  }

  it('tells of pushes, and of no more than twenty commits', () => {
    expect(gitHosts.gitlab.read('Push Hook', push)).toEqual({
      kind: 'push',
      push: {
        repositoryKeys: ['gitlab.example.com/acme/shop'],
        ...{ branch: 'main', commit: sha('a'), subject: 'Sell more', message: commit.message, pusher: 'Ada' },
        ...{ before: sha('b'), changedPaths: ['a'] },
        installation: null,
      },
    })
    expect(gitHosts.gitlab.read('Push Hook', { ...push, total_commits_count: 21 })).toMatchObject({
      push: { changedPaths: null },
    })
    expect(gitHosts.gitlab.read('Push Hook', { ...push, after: sha('0'), commits: [] })).toMatchObject({
      push: { commit: null },
    })
    expect(gitHosts.gitlab.read('Tag Push Hook', push)).toEqual({ kind: 'not-used' })
  })
})

describe('Gitea and Forgejo', () => {
  it('tell of pushes, and of the newest commits alone', () => {
    const repository = { clone_url: 'https://codeberg.org/acme/shop.git', html_url: 'https://codeberg.org/acme/shop' }
    const push = {
      ...{ ref: 'refs/heads/main', before: sha('b'), after: sha('a'), commits: [commit], total_commits: 1 },
      ...{ head_commit: commit, pusher: { login: 'ada' }, repository },
    }

    expect(gitHosts.gitea.read('push', push)).toMatchObject({
      push: { repositoryKeys: ['codeberg.org/acme/shop'], subject: 'Sell more', pusher: 'ada', changedPaths: ['a'] },
    })
    expect(gitHosts.gitea.read('push', { ...push, total_commits: 6 })).toMatchObject({ push: { changedPaths: null } })
    expect(gitHosts.gitea.read('issues', push)).toEqual({ kind: 'not-used' })
  })
})

describe('the key of a repository', () => {
  it.each([
    ['https://github.com/Acme/Shop.git', 'github.com/acme/shop'],
    ['git@github.com:acme/shop.git', 'github.com/acme/shop'],
    ['ssh://git@ssh.github.com:443/acme/shop.git', 'github.com/acme/shop'],
    ['https://git.example.com:8443/group/sub/shop/', 'git.example.com/group/sub/shop'],
    ['https://github.com/acme/shop.git.git', 'github.com/acme/shop.git'],
    ['file:///etc/passwd', null],
  ])('of %s is %s', (address, key) => {
    expect(maybeRepositoryKey(address)).toBe(key)
  })

  it('tells the kind of host where its name does', () => {
    expect(
      ['github.com/a/b', 'gitlab.com/a/b', 'git.gitlab.example/a', 'codeberg.org/a/b', 'git.example.com/a'].map(
        guessGitHost,
      ),
    ).toEqual([...['github', 'gitlab', 'gitlab', 'gitea', null]])
  })
})
