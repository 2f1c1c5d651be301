import { describe, expect, test } from 'vitest'
import { parseCommitSha } from '../../server/git/ref-name.js'
import { commitLink, deployKeyLink, repositoryName } from '../../server/git/repository-links.js'
import { parseRepositoryUrl } from '../../server/git/repository-url.js'
import { UserError } from '../../server/platform/errors.js'
import { cpuMsOf } from '../support/cpu.js'
import { hostileTexts, named } from '../support/hostile-texts.js'

const refusal = (text: string): string => {
  try {
    parseRepositoryUrl(text)
  } catch (error) {
    if (error instanceof UserError && error.status === 422) return error.message
    throw error
  }
  return 'accepted'
}

describe('the address of a repository', () => {
  test.each([
    [
      'https://github.com/owner/name.git',
      { protocol: 'https', host: 'github.com', port: null, user: null, path: 'owner/name.git' },
    ],
    [
      'https://git.example.com:8443/a/b/c',
      { protocol: 'https', host: 'git.example.com', port: 8443, user: null, path: 'a/b/c' },
    ],
    ['https://dev.azure.com/org/My%20Project/_git/repo', { protocol: 'https', path: 'org/My%20Project/_git/repo' }],
    [
      'ssh://git@example.com:2222/srv/git/site.git',
      { protocol: 'ssh', host: 'example.com', port: 2222, user: 'git', path: 'srv/git/site.git' },
    ],
    [
      'git@github.com:owner/name.git',
      { protocol: 'ssh', host: 'github.com', port: null, user: 'git', path: 'owner/name.git' },
    ],
    ['git@git.sr.ht:~owner/name', { protocol: 'ssh', host: 'git.sr.ht', path: '~owner/name' }],
    ['https://[::1]:3000/owner/name', { protocol: 'https', host: '[::1]', port: 3000 }],
    ['  https://GitHub.com/owner/name  ', { text: 'https://GitHub.com/owner/name', host: 'github.com' }],
  ])('reads %s', (text, parts) => {
    expect(parseRepositoryUrl(text)).toMatchObject(parts)
  })

  test.each([
    ['', 'Enter the address'],
    ['ext::sh -c id', 'space'],
    ['ext::sh%20-c%20id', 'run a program'],
    ['fd::17', 'run a program'],
    ['file:///etc', 'folder on a machine'],
    ['git://example.com/a.git', 'not encrypted'],
    ['http://example.com/a.git', 'not encrypted'],
    ['ftp://example.com/a.git', 'ftp://'],
    ['/srv/git/a.git', 'not that of a repository'],
    ['../a.git', 'not that of a repository'],
    ['a.git', 'not that of a repository'],
    ['C:\\a.git', 'not that of a repository'],
    ['example.com:a.git', 'not that of a repository'],
    ['--upload-pack=id', 'start with a dash'],
    ['https://me:secret@example.com/a', 'before the @'],
    ['https://secret@example.com/a', 'before the @'],
    ['ssh://git:secret@example.com/a', 'password'],
    ['ssh://example.com/a', 'user is missing'],
    ['ssh://-oProxyCommand=id@example.com/a', 'user'],
    ['ssh://git@-oProxyCommand=id/a', 'host'],
    ['git@-oProxyCommand=id:a', 'host'],
    ['-oProxyCommand=id@example.com:a', 'start with a dash'],
    ['git@example.com:-a', 'start with a dash'],
    ['git@example.com:', 'no repository'],
    ['https://example.com', 'no repository'],
    ['https://example.com/', 'no repository'],
    ['https:///a/b', 'host'],
    ['https://exa mple.com/a', 'space'],
    ['https://example.com/a\nb', 'line break'],
    ['https://example.com/a%0ab', 'escaped character'],
    ['https://example.com/a%00b', 'escaped character'],
    ['https://example.com/%2d-upload-pack', 'start with a dash'],
    ['https://example.com/a/%2e%2e/b', '/../'],
    ['https://example.com/a/../b', '/../'],
    ['https://example.com/a%2fb', 'escaped character'],
    ['https://example.com/a%ff', 'stands for no character'],
    ['https://example.com/a?b=c', '? or #'],
    ['https://example.com/a#main', '? or #'],
    ['https://example.com:0/a', 'port'],
    ['https://example.com:99999/a', 'port'],
    ['https://example.com:22:22/a', 'port'],
    [`https://example.com/${'a'.repeat(1000)}`, 'too long'],
  ])('CI-08: refuses %j and says why', (text, sentence) => {
    expect(refusal(text)).toContain(sentence)
  })

  test('takes plain http only where the panel allows it', () => {
    expect(parseRepositoryUrl('http://127.0.0.1:8080/a/b', ['https', 'http'])).toMatchObject({
      protocol: 'http',
      port: 8080,
    })
    expect(() => parseRepositoryUrl('git@example.com:a', ['https'])).toThrow('ssh:// addresses are switched off')
  })

  test.each(named(hostileTexts))(
    'CI-01: %j in an address is refused, or kept to the byte where it means nothing',
    (_, text) => {
      for (const address of [
        `https://example.com/owner/${text}`,
        `git@example.com:${text}`,
        `https://${text}/a`,
        text,
      ]) {
        const why = refusal(address)
        if (why === 'accepted') expect(parseRepositoryUrl(address).text).toBe(address.trim())
      }
    },
  )

  test('reads 200 KB of anything in no time', () => {
    const addresses = ['a', '@', ':', '/', '%', '.', '-', ' '].map((part) => `https://${part.repeat(200_000)}`)

    expect(cpuMsOf(() => void addresses.map(refusal))).toBeLessThan(100)
  })
})

describe('what people see of a repository', () => {
  const sha = parseCommitSha('a'.repeat(40))

  test.each([
    ['https://github.com/owner/name.git', 'owner/name', `https://github.com/owner/name/commit/${sha}`],
    ['git@gitlab.com:group/sub/name.git', 'sub/name', `https://gitlab.com/group/sub/name/-/commit/${sha}`],
    ['https://bitbucket.org/owner/name', 'owner/name', `https://bitbucket.org/owner/name/commits/${sha}`],
    ['ssh://git@codeberg.org/owner/name', 'owner/name', `https://codeberg.org/owner/name/commit/${sha}`],
    [
      'https://gitea.example.com:3000/owner/name',
      'owner/name',
      `https://gitea.example.com:3000/owner/name/commit/${sha}`,
    ],
    ['ssh://git@gitea.example.com:2222/a/b', 'a/b', `https://gitea.example.com/a/b/commit/${sha}`],
    ['ssh://git@example.com:2222/name.git', 'name', null],
  ])('names and links %s', (text, name, link) => {
    const url = parseRepositoryUrl(text)

    expect(repositoryName(url)).toBe(name)
    expect(commitLink(url, sha)).toBe(link)
  })

  test('says where a deploy key goes', () => {
    expect(deployKeyLink(parseRepositoryUrl('git@github.com:owner/name.git'))).toBe(
      'https://github.com/owner/name/settings/keys/new',
    )
    expect(deployKeyLink(parseRepositoryUrl('git@example.com:owner/name.git'))).toBeNull()
  })
})
