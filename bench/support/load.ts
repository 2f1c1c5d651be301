import { Agent, type IncomingMessage, request } from 'node:http'

/** What to ask, and of whom. The site runs `answering-app.cjs`. */
export interface LoadPlan {
  url: string
  /** The name that the answering app says; any other is a mixed answer. */
  site: string
  perSecond: number
  /** Kept-alive connections, each used for one request after the other. */
  connections?: number
  /** Of ten requests, this many are POSTs. */
  postsOfTen?: number
  /** Stops by itself after this, whatever happens. */
  longestMs?: number
}

export interface LoadResult {
  sent: number
  answered: number
  /** No answer, a torn one or another status than 200. */
  failed: number
  /** An answer of another site, of two releases at once, or to another question. */
  mixed: number
  failures: Record<string, number>
  /** The first few, for whoever must find out why. */
  mixedSamples: string[]
  releases: Record<string, number>
  perSecond: number
  p50Ms: number
  p99Ms: number
  maxMs: number
}

const timeoutMs = 10_000
const tickMs = 10

/**
 * Sends requests at an even pace, whether or not earlier ones were answered, over kept-alive connections, and never sends one
 * again: a visitor's failed POST is lost too.
 */
export function startLoad(plan: LoadPlan): { stop(): Promise<LoadResult>; done: Promise<LoadResult> } {
  const agent = new Agent({ keepAlive: true, maxSockets: plan.connections ?? 40, scheduling: 'fifo' })
  const tally = new Tally(plan.site)
  const startedAt = performance.now()
  const under = new Set<Promise<void>>()
  let finish: () => void = () => undefined
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })

  const timer = setInterval(() => {
    const due = ((performance.now() - startedAt) / 1000) * plan.perSecond
    while (tally.sent < due) {
      const number = tally.sent++
      const asked = send(plan, agent, number, tally).finally(() => under.delete(asked))
      under.add(asked)
    }
  }, tickMs)
  const limit = setTimeout(() => finish(), plan.longestMs ?? 120_000)

  const done = finished.then(async () => {
    clearInterval(timer)
    clearTimeout(limit)
    const elapsedMs = performance.now() - startedAt
    await Promise.all(under)
    agent.destroy()
    return tally.result(elapsedMs)
  })
  return {
    done,
    stop() {
      finish()
      return done
    },
  }
}

async function send(plan: LoadPlan, agent: Agent, number: number, tally: Tally): Promise<void> {
  const isPost = number % 10 < (plan.postsOfTen ?? 3)
  const question = `question-${number}`
  const startedAt = performance.now()
  try {
    const { response, body } = await exchange(plan.url, agent, isPost ? { post: question } : { get: question })
    if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`)
    tally.answer(question, response, body, performance.now() - startedAt)
  } catch (error) {
    tally.fail(error)
  }
}

function exchange(url: string, agent: Agent, what: { post: string } | { get: string }) {
  return new Promise<{ response: IncomingMessage; body: string }>((resolve, reject) => {
    const path = 'get' in what ? `/${what.get}` : '/'
    const headers = 'post' in what ? { 'Content-Type': 'text/plain', 'Content-Length': what.post.length } : {}
    const asked = request(new URL(path, url), { agent, method: 'post' in what ? 'POST' : 'GET', headers })
    asked.setTimeout(timeoutMs, () => asked.destroy(new Error('no answer within 10 s')))
    asked.on('error', reject)
    asked.on('response', (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk) => {
        body += chunk
      })
      response.on('end', () => resolve({ response, body }))
      response.on('aborted', () => reject(new Error('torn answer')))
      response.on('error', reject)
    })
    asked.end('post' in what ? what.post : undefined)
  })
}

/** Counts what came back. */
class Tally {
  sent = 0
  readonly #site: string
  readonly #timesMs: number[] = []
  readonly #failures: Record<string, number> = {}
  readonly #releases: Record<string, number> = {}
  readonly #samples: string[] = []
  #failed = 0
  #mixed = 0

  constructor(site: string) {
    this.#site = site
  }

  answer(question: string, response: IncomingMessage, body: string, tookMs: number): void {
    const release = String(response.headers['x-release'])
    const line = `${this.#site} ${release} ${question}\n`
    if (body !== line.repeat(60)) {
      this.#mixed++
      this.#samples.push(`asked ${question}, got ${body.length} of ${line.length * 60} bytes: ${oddLines(body, line)}`)
      return
    }
    this.#timesMs.push(tookMs)
    this.#releases[release] = (this.#releases[release] ?? 0) + 1
  }

  fail(error: unknown): void {
    const why = error instanceof Error ? ('code' in error ? String(error.code) : error.message) : String(error)
    this.#failed++
    this.#failures[why] = (this.#failures[why] ?? 0) + 1
  }

  result(elapsedMs: number): LoadResult {
    const sorted = this.#timesMs.toSorted((a, b) => a - b)
    const at = (share: number) => Math.round((sorted[Math.floor((sorted.length - 1) * share)] ?? 0) * 10) / 10
    return {
      sent: this.sent,
      answered: sorted.length,
      failed: this.#failed,
      mixed: this.#mixed,
      failures: this.#failures,
      mixedSamples: this.#samples.slice(0, 5),
      releases: this.#releases,
      perSecond: Math.round(sorted.length / (elapsedMs / 1000)),
      p50Ms: at(0.5),
      p99Ms: at(0.99),
      maxMs: at(1),
    }
  }
}

const oddLines = (body: string, line: string): string =>
  JSON.stringify([...new Set(body.split('\n').filter((found) => `${found}\n` !== line))].slice(0, 3))
