import { createVerify, generateKeyPairSync, randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { githubAnswers, githubDescription } from './github-description.js'
import { githubExamples } from './github-examples.js'
import { needs } from './parts.js'
import { type Sink, startSink } from './sink.js'

/** An app as GitHub has it. */
export interface FakeApp {
  readonly id: number
  readonly slug: string
  readonly name: string
  readonly webhookSecret: string
  readonly clientSecret: string
  readonly pem: string
}

export interface FakeInstallation {
  readonly id: number
  readonly app: FakeApp
  account: string
  suspended: boolean
  repositories: string[]
}

/** GitHub's API behind `/api/v3`, as one's own GitHub has it: apps, their installations and tokens. All else is a test's. */
export interface FakeGithub {
  readonly url: string
  readonly sink: Sink
  readonly tokens: Map<string, { installation: FakeInstallation; body: Record<string, unknown> }>
  /** Somebody pressed the button on GitHub's page: the code that they are sent back with. */
  madeApp(name?: string): { app: FakeApp; code: string }
  /** The next code gives that app once more, as no GitHub does. */
  codeFor(app: FakeApp): string
  install(app: FakeApp, repositories: string[], account?: string): FakeInstallation
  uninstall(installation: FakeInstallation): void
  /** Where its repositories are cloned from; its own address unless told. */
  cloneBase: string
  /** Answers everything with that until it is undone. */
  down(status: number | null): void
  /** What it is asked about repositories with a token; 204 unless told. */
  answer: Sink['answer']
  /** What GitHub's published description says against our requests and against these answers. */
  faults(): string[]
  idOf(fullName: string): number
  close(): Promise<void>
}

// One pair of keys is enough for all apps of a file: making one takes a while.
const keys = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
})

const [push] = githubExamples().find(({ name }) => name === 'push')?.examples ?? [{}]

export async function startFakeGithub(clock: () => Date): Promise<FakeGithub> {
  const sink = await startSink()
  const codes = new Map<string, FakeApp>()
  const installations = new Map<number, FakeInstallation>()
  const tokens: FakeGithub['tokens'] = new Map()
  const ids = new Map<string, number>()
  const answerFaults = needs('github-description') ? githubAnswers() : () => []
  const requestFaults = needs('github-description') ? githubDescription() : () => []
  const found: string[] = []
  let counter = 1000
  let downWith: number | null = null

  const fake: FakeGithub = {
    url: sink.url,
    cloneBase: sink.url,
    sink,
    tokens,
    madeApp: (name = 'Hostler of Acme') => {
      const id = ++counter
      const app = {
        ...{ id, name, slug: `hostler-${id}`, pem: keys.privateKey },
        ...{ webhookSecret: `canary-hook-${randomBytes(16).toString('hex')}`, clientSecret: 'canary-client' },
      }
      return { app, code: fake.codeFor(app) }
    },
    codeFor: (app) => {
      const code = randomBytes(20).toString('hex')
      codes.set(code, app)
      return code
    },
    install: (app, repositories, account = 'acme') => {
      const installation = { id: ++counter, app, account, repositories, suspended: false }
      installations.set(installation.id, installation)
      return installation
    },
    uninstall: ({ id }) => void installations.delete(id),
    down: (status) => {
      downWith = status
    },
    answer: (_req, res) => void res.writeHead(204).end(),
    faults: () => [
      ...found,
      ...sink.requests
        .filter(({ url }) => url.startsWith(prefix))
        .flatMap(({ method, url, body }) => requestFaults(method, url.slice(prefix.length), body)),
    ],
    idOf: (fullName) => {
      const id = ids.get(fullName) ?? 5000 + ids.size
      ids.set(fullName, id)
      return id
    },
    close: () => sink.close(),
  }

  sink.answer = (req, res) => {
    const url = req.url ?? ''
    if (!url.startsWith(prefix)) return fake.answer(req, res)
    const path = url.slice(prefix.length)
    const say = (status: number, body: unknown) => {
      if (status < 300) found.push(...answerFaults(req.method ?? '', path, status, body))
      res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    if (downWith !== null) return say(downWith, { message: 'canary: GitHub’s own words' })
    const body = sink.requests.at(-1)?.body ?? ''
    const code = /^\/app-manifests\/([^/]+)\/conversions$/.exec(path)?.[1]
    if (code !== undefined) {
      const app = codes.get(code)
      codes.delete(code)
      return app ? say(201, conversionOf(app, sink.url)) : say(404, { message: 'Not Found' })
    }
    const number = /^\/app\/installations\/(\d+)/.exec(path)?.[1]
    if (number !== undefined) {
      const installation = installations.get(Number(number))
      const asker = signerOf(req, clock())
      if (asker === null) return say(401, { message: 'A JSON web token could not be decoded' })
      if (!installation || String(installation.app.id) !== asker) return say(404, { message: 'Not Found' })
      if (!path.endsWith('/access_tokens')) return say(200, installationOf(installation, sink.url))
      if (installation.suspended) return say(403, { message: 'This installation has been suspended' })
      const token = `ghs_canary${randomBytes(16).toString('hex')}`
      tokens.set(token, { installation, body: body === '' ? {} : JSON.parse(body) })
      return say(201, { token, expires_at: new Date(clock().getTime() + 3600_000).toISOString() })
    }
    const known = tokens.get((req.headers.authorization ?? '').replace(/^Bearer /, ''))
    if (!known) return say(401, { message: 'Bad credentials' })
    if (!path.startsWith('/installation/repositories')) return fake.answer(req, res)
    const { searchParams } = new URL(path, sink.url)
    const [size, page] = [Number(searchParams.get('per_page')), Number(searchParams.get('page'))]
    const names = known.installation.repositories
    const repositories = names
      .slice((page - 1) * size, page * size)
      .map((name) => repositoryOf(name, fake.idOf(name), fake.cloneBase))
    return say(200, { total_count: names.length, repository_selection: 'selected', repositories })
  }
  return fake
}

const prefix = '/api/v3'

/** Which app asks, by a word that is signed with its key and good now. */
function signerOf({ headers }: IncomingMessage, now: Date): string | null {
  const [head = '', claims = '', signature = ''] = (headers.authorization ?? '').replace(/^Bearer /, '').split('.')
  const verify = createVerify('sha256').update(`${head}.${claims}`)
  if (!verify.verify(keys.publicKey, signature, 'base64url')) return null
  const { iss, iat, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString())
  const seconds = now.getTime() / 1000
  return iat <= seconds && seconds < exp && exp - iat <= 600 ? iss : null
}

const user = (login: string) => ({ ...push?.sender, login })

const conversionOf = (app: FakeApp, url: string) => ({
  ...{ id: app.id, slug: app.slug, name: app.name, node_id: 'x', owner: user('acme'), description: '' },
  ...{ external_url: 'https://example.com', html_url: `${url}/apps/${app.slug}` },
  ...{ created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z', permissions: {}, events: ['push'] },
  ...{ client_id: 'Iv1.1', client_secret: app.clientSecret, webhook_secret: app.webhookSecret, pem: app.pem },
})

const installationOf = ({ id, app, account, suspended }: FakeInstallation, url: string) => ({
  ...{ id, app_id: app.id, app_slug: app.slug, target_id: 1, target_type: 'Organization', account: user(account) },
  ...{ single_file_name: null, repository_selection: 'selected', html_url: url, repositories_url: url },
  ...{ access_tokens_url: url, events: ['push'], permissions: { contents: 'read' } },
  ...{ created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z' },
  suspended_by: suspended ? user('root') : null,
  suspended_at: suspended ? '2026-01-02T00:00:00Z' : null,
})

const repositoryOf = (fullName: string, id: number, url: string) => {
  const [owner = '', name = ''] = fullName.split('/')
  const from = push?.repository ?? {}
  return {
    ...from,
    ...{ id, name, full_name: fullName, private: true, default_branch: 'main', owner: user(owner) },
    ...{ clone_url: `${url}/${fullName}.git`, html_url: `${url}/${fullName}`, created_at: '2026-01-01T00:00:00Z' },
    ...{ pushed_at: '2026-01-01T00:00:00Z', permissions: { admin: false, push: false, pull: true } },
  }
}
