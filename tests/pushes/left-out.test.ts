import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type PushWorld, pushOf, pushWorld, sha } from '../support/push-world.js'

let w: PushWorld
beforeAll(async () => {
  w = await pushWorld()
})
afterAll(() => w.close())
beforeEach(() => w.reset())

/** Of a push to a site with these settings. */
async function verdictFor(settings: object, change: object) {
  await w.site({ ...settings })
  await w.deliver(await w.connect(), pushOf({ ...change }))
  await w.judgeAll()
  return (await w.verdicts())[0]
}

describe('a message that asks not to be deployed', () => {
  it.each(['skip ci', 'CI Skip', 'no ci', 'skip deploy', 'Deploy Skip'])('says [%s]', async (word) => {
    const says = (message: string) => ({ head_commit: { id: sha('a'), message } })

    expect(await verdictFor({}, says(`Docs\n\n[${word}] only`))).toMatchObject({
      verdict: 'skipped',
      detail: `The commit message says [${word}]`,
    })
    expect(await w.test.query('select 1 from deploys')).toEqual([])
    await w.reset()
    expect(await verdictFor({}, says(word))).toMatchObject({ verdict: 'deployed' })
  })
})

describe.each(['added', 'modified', 'removed'])('a file that a push has %s', (kind) => {
  const none = { added: [], modified: [], removed: [] }
  /** A commit for each list of files. */
  const changes = (...lists: string[][]) => ({
    commits: lists.map((files) => ({ id: sha('a'), message: 'Change', ...none, [kind]: files })),
  })
  const watched = { watched_paths: ['apps/api/', '*.json'], ignored_paths: ['**/*.md', 'apps/api/docs/**'] }

  it.each([
    [[['apps/api/index.js']]],
    [[['package.json']]],
    [[['apps/web/index.js', 'apps/api/index.js']]],
    [[['apps/api/index.js'], ['README.md']]],
    [[['apps/api/docs/a.js', 'apps/api/a.js']]],
  ])('deploys where it is watched: %j', async (lists) => {
    expect(await verdictFor(watched, changes(...lists))).toMatchObject({ verdict: 'deployed', deploy: 1 })
  })

  it.each([
    [[['apps/web/index.js']]],
    [[['apps/api.js'], ['apps/web/package.json']]],
    [[['apps/api/README.md', 'apps/api/docs/deep/a.js']]],
  ])('does not where it is not, or is ignored: %j', async (lists) => {
    expect(await verdictFor(watched, changes(...lists))).toMatchObject({ verdict: 'paths-did-not-match', deploy: null })
  })

  it('deploys where nothing is watched, unless it is ignored', async () => {
    const ignored = { ignored_paths: ['docs/'] }

    expect(await verdictFor(ignored, changes(['docs/a.md'], ['a.js']))).toMatchObject({ verdict: 'deployed' })
    await w.reset()
    expect(await verdictFor(ignored, changes(['docs/a.md']))).toMatchObject({ verdict: 'paths-did-not-match' })
  })
})
