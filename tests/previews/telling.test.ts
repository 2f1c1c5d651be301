import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { TeamCtx } from '../../server/platform/access/ctx.js'
import { append } from '../../server/platform/events/append.js'
import { days } from '../support/clock.js'
import { githubDescription } from '../support/github-description.js'
import { makeRelease } from '../support/make.js'
import { needs } from '../support/parts.js'
import { type PreviewWorld, previewWorld } from '../support/preview-world.js'
import { sha } from '../support/push-world.js'

let w: PreviewWorld
beforeAll(async () => {
  w = await previewWorld()
})
afterAll(() => w.close())
beforeEach(async () => {
  await w.reset()
  let made: string | null = null
  w.host.answer = ({ method }, res) => {
    if (method === 'GET') return res.end(JSON.stringify(made === null ? [] : [{ id: 7, body: made }]))
    made = said()
    res.writeHead(method === 'POST' ? 201 : 200).end(JSON.stringify({ id: 7, body: made }))
  }
})

const asked = () => w.host.requests.map(({ method, url }) => `${method} ${url}`)
const said = (): string => JSON.parse(w.host.requests.at(-1)?.body ?? '{}').body
const begin = async () => {
  const key = await w.begin()
  await w.giveToken()
  await w.pull(key)
  await w.turn()
  return key
}
/** As the worker leaves a deploy that went well. */
const goLive = async () => {
  await w.test.query(
    `update operations set status = 'succeeded', ended_at = now() where id in (select operation_id from deploys)`,
  )
  const [copy] = await w.copies()
  const release = await makeRelease(w.test, { id: copy?.id ?? '' }, w.acme, { commit_sha: sha('b'), state: 'live' })
  await w.test.query('update sites set live_release_id = $1 where id = $2', [release.id, copy?.id])
  await TeamCtx.system(w.services, w.acme).transaction((tx) =>
    append(tx, { type: 'deploy.succeeded', subject: { kind: 'site', id: copy?.id ?? '' }, data: { deploy: 1 } }),
  )
}

describe('the comment on a pull request', () => {
  it('is made once and then changed in place', async () => {
    await begin()
    await w.tell()
    await w.tell()
    expect(asked()).toEqual([
      'GET /repos/acme/shop/issues/12/comments?per_page=100&page=1',
      'POST /repos/acme/shop/issues/12/comments',
    ])
    expect(said()).toContain('| Status | [Deploy 1 is under way](')

    await goLive()
    await w.tell()

    expect(asked().slice(2)).toEqual(['PATCH /repos/acme/shop/issues/comments/7'])
    expect(said()).toMatch(/\| Status \| \[Deploy 1 is live\]\(.*\n\| Address \| http/)
  })

  it('names the address by which the site is found once that is another', async () => {
    await begin()
    await goLive()
    await w.tell()

    await w.test.query("update sites set served_url = 'https://shop-pr-12.sites.example' where preview_of is not null")
    await w.tell()

    expect(said()).toContain('| Address | https://shop-pr-12.sites.example |')
    expect(asked().filter((one) => one.startsWith('POST'))).toHaveLength(1)
  })

  it('is found again where its number was lost, and made anew where somebody deleted it', async () => {
    const key = await begin()
    await w.tell()
    await w.test.query('update previews set comment_id = null, comment_text = null, tell_at = $1', [w.clock.now()])
    await w.tell()
    expect(asked().at(-1)).toBe('PATCH /repos/acme/shop/issues/comments/7')

    w.host.answer = ({ method }, res) =>
      method === 'PATCH'
        ? res.writeHead(404).end('{}')
        : res.writeHead(201).end(JSON.stringify({ id: 8, body: said() }))
    await w.pull(key, { state: 'closed', at: 2 })
    await w.tell()
    expect(asked().at(-1)).toBe('POST /repos/acme/shop/issues/12/comments')
    expect(said()).toContain('| Status | Being removed |')
  })

  it.each(['github', 'gitlab'])('is found again however many others came before it (%s)', async (kind) => {
    const key = await begin()
    await w.test.query('update repository_connections set host = $1', [kind])
    const [{ id } = { id: '' }] = await w.test.query<{ id: string }>('select id from previews')
    const comments = Array.from({ length: 230 }, (_, at) => ({ id: at + 1, body: 'Looks good' }))
    comments.push({ id: 7000, body: `<!-- hostler-preview ${id} -->` })
    w.host.answer = ({ method, url }, res) => {
      if (method !== 'GET') return res.end(JSON.stringify({ id: 7000, body: said() }))
      const page = Number(new URL(url ?? '', w.host.url).searchParams.get('page') ?? 1)
      const isLast = page * 100 >= comments.length
      const link = isLast ? {} : { link: `<https://inside.lan/x?page=${page + 1}>; rel="next"` }
      res.writeHead(200, link).end(JSON.stringify(comments.slice((page - 1) * 100, page * 100)))
    }
    await w.tell()

    expect(asked().filter((one) => !one.startsWith('GET'))).toHaveLength(1)
    expect(asked().at(-1)).toMatch(/^(PATCH|PUT) .*\/7000$/)

    // A host whose list has no end is not followed for ever.
    w.host.requests.length = 0
    w.host.answer = ({ method }, res) =>
      method === 'GET'
        ? res.writeHead(200, { link: '<https://inside.lan/x>; rel="next"' }).end('[]')
        : res.writeHead(201).end(JSON.stringify({ id: 7001, body: said() }))
    await w.test.query('update previews set comment_id = null, tell_at = $1', [w.clock.now()])
    await w.pull(key, { letter: 'c', at: 2 })
    await w.tell()
    expect(asked().length).toBeLessThan(15)
  })

  it('is tried again while the host does not take it, says why, and holds up no preview', async () => {
    const key = await w.begin()
    await w.giveToken()
    w.host.answer = (_request, res) => res.writeHead(403).end('{"message":"canary of the host"}')
    await w.pull(key)
    await w.tell()
    await w.turn()

    expect(await w.previews()).toMatchObject([{ state: 'deploying' }])
    const [fault] = await w.test.query<{ tell_fault: string }>('select tell_fault from previews')
    expect(fault?.tell_fault).toBe(
      'The token may not do this in acme/shop. It needs the right “Pull requests: read and write”',
    )

    w.host.answer = ({ method }, res) =>
      method === 'GET' ? res.end('[]') : res.writeHead(201).end(JSON.stringify({ id: 7, body: said() }))
    w.clock.advance(days(0.1))
    await w.tell()
    expect(await w.test.query('select comment_id, tell_fault, tell_at from previews')).toEqual([
      { comment_id: '7', tell_fault: null, tell_at: null },
    ])
  })

  it('is not made without a token, nor on one that never had a preview', async () => {
    const key = await w.begin()
    await w.pull(key)
    await w.turn()
    await w.tell()
    await w.giveToken()
    await w.pull(key, { number: 13, state: 'closed' })
    await w.tell()

    expect(asked()).toEqual([])
  })
})

describe.skipIf(!needs('github-description'))('GitHub', () => {
  it('is asked as its published description says', async () => {
    const faultsOf = githubDescription()
    await begin()
    await w.tell()
    await goLive()
    await w.tell()

    expect(asked()).toHaveLength(3)
    expect(w.host.requests.flatMap(({ method, url, body }) => faultsOf(method, url, body))).toEqual([])
  })
})
