import { randomUUID } from 'node:crypto'
import { sign } from '@octokit/webhooks-methods'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startWork, type Work } from '../../jobs/work.js'
import { createAuthorizer } from '../../server/authorizer.js'
import { connect } from '../../server/connections/connections.js'
import { bullClasses } from '../../server/platform/queue/backend.js'
import { approvePreview } from '../../server/previews/approval.js'
import { updatePreviewSettings } from '../../server/previews/settings.js'
import { takePortsOfOthers } from '../support/own-ports.js'
import { startTestPanel, type TestPanel } from '../support/panel.js'
import { pullOf } from '../support/preview-world.js'
import { eventually } from '../support/sites.js'
import { app, type Stage, startStage } from '../support/stage.js'

let stage: Stage
let panel: TestPanel
let work: Work
let secret: string
beforeAll(async () => {
  stage = await startStage({ auto_deploy: true })
  const { services } = stage.test
  panel = await startTestPanel({ services, authorizer: createAuthorizer(services) })
  const connected = await connect(stage.ctx, { repositoryUrl: stage.repository.httpUrl, host: 'github' })
  secret = connected.secret.reveal()
  await updatePreviewSettings(stage.ctx, stage.site.slug, { isOn: true, most: 5, keptDays: 14 })
  await takePortsOfOthers(stage)
  await stage.test.database.query("update sites set reconcile_at = now() + interval '1 hour'")
  work = startWork(services, bullClasses({ kind: 'postgres', loginUrl: stage.test.database.loginUrl }), stage.parts)
}, 60_000)
afterAll(async () => {
  await work?.stop()
  await panel.close()
  await stage.stop()
})

/** As GitHub tells of it. */
async function pull(sha: string, change: Record<string, unknown> = {}): Promise<void> {
  const payload = pullOf(change)
  const repository = { clone_url: stage.repository.httpUrl }
  const text = JSON.stringify({
    ...payload,
    pull_request: { ...payload.pull_request, head: { ...payload.pull_request.head, sha } },
    repository,
  })
  const headers = {
    'content-type': 'application/json',
    'x-github-event': 'pull_request',
    'x-github-delivery': randomUUID(),
    'x-hub-signature-256': await sign(secret, text),
  }
  const { status } = await fetch(`${panel.url}/webhooks/github`, { method: 'POST', headers, body: text })
  expect(status).toBe(202)
}

const copies = () =>
  stage.test.database.query<{ slug: string; port: number }>(
    'select slug, port from sites where preview_of is not null order by slug',
  )

const visitorsSee = (slug: RegExp, word: string) =>
  eventually(
    `visitors of ${slug} to see ${word}`,
    async () => {
      const copy = (await copies()).find((one) => slug.test(one.slug))
      const answer = copy && (await fetch(`http://127.0.0.1:${copy.port}/`).catch(() => null))
      return (await answer?.text())?.startsWith(`${word} `)
    },
    40_000,
  )

describe('a pull request, from the webhook to its visitors and back', () => {
  it('is found under an address of its own, with each of its commits, until it is closed', {
    timeout: 90_000,
  }, async () => {
    const first = await stage.repository.commit({ files: app('more'), branch: 'more' })
    await pull(first)
    await visitorsSee(/-pr-12$/, 'more')

    const second = await stage.repository.commit({ files: app('most'), branch: 'more' })
    await pull(second, { at: 2 })
    await visitorsSee(/-pr-12$/, 'most')

    await pull(second, { at: 3, state: 'closed' })
    await eventually('nothing of it to be left', async () => (await copies()).length === 0, 40_000)
  })

  it('WH-11: of a fork runs the commit that was approved, which no branch of ours has', {
    timeout: 60_000,
  }, async () => {
    const sha = await stage.repository.commit({ files: app('strange'), branch: 'strange' })
    await stage.repository.git('push', '-q', 'origin', `${sha}:refs/pull/13/head`, ':refs/heads/strange')
    await pull(sha, { number: 13, repo: 2 })
    await eventually(
      'the verdict',
      async () => {
        const rows = await stage.test.database.query("select 1 from delivery_verdicts where verdict = 'needs-approval'")
        return rows.length === 1
      },
      20_000,
    )
    expect(await copies()).toEqual([])

    await approvePreview(stage.ctx, stage.site.slug, 13, sha)
    await visitorsSee(/-pr-13$/, 'strange')
    await pull(sha, { number: 13, repo: 2, at: 2, state: 'closed' })
    await eventually('nothing of it to be left', async () => (await copies()).length === 0, 40_000)
  })
})
