import { appendFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installPushHook } from '../../bin/lib/demo/push-hook.js'
import { startWork, type Work } from '../../jobs/work.js'
import { createAuthorizer } from '../../server/authorizer.js'
import { connect } from '../../server/connections/connections.js'
import { maybeRepositoryKey } from '../../server/git/repository-key.js'
import { bullClasses } from '../../server/platform/queue/backend.js'
import { generateKey } from '../../server/platform/ssh/keys.js'
import { updatePushSettings } from '../../server/pushes/pushes.js'
import { PushSettings } from '../../server/pushes/schema.js'
import { credentialPlace, sealAccess } from '../../server/sites/credentials.js'
import { git } from '../support/git-repository.js'
import { startTestPanel, type TestPanel } from '../support/panel.js'
import { needs } from '../support/parts.js'
import { eventually } from '../support/sites.js'
import { app, type Stage, startStage } from '../support/stage.js'

describe.skipIf(!needs('git', 'runsv', 'sshd'))('a repository that is reached over SSH alone', () => {
  let folder: string
  let stage: Stage
  let panel: TestPanel
  let work: Work
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hostler-over-ssh-'))
    stage = await startStage({ auto_deploy: true, reconcile_at: new Date(Date.now() + 3600_000) })
    const { services, database } = stage.test
    panel = await startTestPanel({ services, authorizer: createAuthorizer(services) })
    await useDeployKey()
    const { sshUrl, bare } = stage.repository
    const { secret } = await connect(stage.ctx, { repositoryUrl: sshUrl, host: 'github' })
    const url = `${panel.url}/webhooks/github`
    installPushHook(bare, { url, secret: secret.reveal(), cloneUrl: sshUrl, pusher: 'octocat' })
    await cloneOverSsh()
    work = startWork(services, bullClasses({ kind: 'postgres', loginUrl: database.loginUrl }), stage.parts)
  })
  afterAll(async () => {
    await work.stop()
    await panel.close()
    await stage.stop()
    rmSync(folder, { recursive: true })
  })

  /** The site has a key of its own, which its people have added to the repository. */
  async function useDeployKey(): Promise<void> {
    const { privateKey, publicLine: publicKey } = generateKey('shop')
    appendFileSync(join(stage.git.sshd.folder, 'authorized_keys'), `${publicKey}\n`)
    const { vault } = stage.test.services
    const access = sealAccess(vault, { kind: 'deploy-key', privateKey, publicKey }, credentialPlace(stage.site.id))
    await stage.test.database.query(
      'update sites set repository_url = $1, repository_key = $2, credential_kind = $3, credential_sealed = $4, deploy_public_key = $5',
      [stage.repository.sshUrl, maybeRepositoryKey(stage.repository.sshUrl), ...Object.values(access)],
    )
  }

  /** A developer's machine, with a key of its own. */
  async function cloneOverSsh(): Promise<void> {
    const key = join(folder, 'key')
    writeFileSync(key, stage.git.key.privateKey.reveal(), { mode: 0o600 })
    const ssh = `ssh -F /dev/null -i ${key} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR`
    await git(folder, '-c', `core.sshCommand=${ssh}`, 'clone', '-q', stage.repository.sshUrl, 'work')
    await git(join(folder, 'work'), 'config', 'core.sshCommand', ssh)
  }
  async function push(word: string, branch: string): Promise<void> {
    const work = join(folder, 'work')
    for (const [name, text] of Object.entries(app(word))) writeFileSync(join(work, name), text)
    await git(work, 'checkout', '-q', '-B', branch)
    await git(work, '-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', 'commit', '-qam', `Say ${word}`)
    await git(work, 'push', '-q', 'origin', `refs/heads/${branch}`)
  }
  const visitorsSee = (word: string) =>
    eventually(
      `visitors to see ${word}`,
      async () => (await stage.visit().catch(() => ({ text: '' }))).text.startsWith(`${word} `),
      40_000,
    )
  const deploys = () => stage.test.database.query('select branch, requested_by from deploys order by number')

  it('is pushed to with git push, and fetched from with the site’s deploy key', async () => {
    await push('two', 'main')

    await visitorsSee('two')
    expect(await deploys()).toEqual([{ branch: 'main', requested_by: 'octocat (push)' }])
  })

  it('WH-10: a branch whose name is a command is pinned, asked for, pushed to and deployed, and run by nobody', async () => {
    const canary = join(folder, 'canary')
    const branch = `a;touch\${IFS}${canary}$(touch\${IFS}${canary})\`touch\${IFS}${canary}\`'"|&#<x>`
    await push('three', branch)
    const { signal } = new AbortController()
    const pin = (name: string) =>
      updatePushSettings(stage.ctx, stage.site.slug, PushSettings.parse({ autoDeploy: true, branch: name }), signal)
    await expect(pin(`${branch}x`)).rejects.toThrow('has no branch')
    await pin(branch)
    // Or whoever asks for what no webhook told of may be first.
    await stage.test.database.query("update sites set reconcile_at = now() + interval '1 hour'")

    await push('four', branch)

    await visitorsSee('four')
    expect((await deploys()).at(-1)).toEqual({ branch, requested_by: 'octocat (push)' })
    expect(existsSync(canary)).toBe(false)
  })
})
