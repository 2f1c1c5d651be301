import { Agent, type IncomingMessage, request } from 'node:http'
import { type LoadResult, Tally } from './tally.js'

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

const timeoutMs = 10_000
const tickMs = 10
const mostUnderWay = 200

/**
 * Sends requests at an even pace, whether or not earlier ones were answered, over kept-alive connections, and never sends one
 * again: a visitor's failed POST is lost too. Where the machine cannot keep the pace, `skipped` says how many were not sent.
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

  // How many are due by the clock; those for which nobody was free are not made up for, or the queue would be what is measured.
  let number = 0
  const timer = setInterval(() => {
    const due = ((performance.now() - startedAt) / 1000) * plan.perSecond
    for (; number < due; number++) {
      if (under.size >= mostUnderWay) tally.skipped++
      else {
        const asked = send(plan, agent, number, tally).finally(() => under.delete(asked))
        under.add(asked)
      }
    }
  }, tickMs)
  const limit = setTimeout(() => finish(), plan.longestMs ?? 120_000)

  const done = finished.then(async () => {
    clearInterval(timer)
    clearTimeout(limit)
    await Promise.all(under)
    const elapsedMs = performance.now() - startedAt
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
  tally.sent++
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
    asked.on('error', (cause) =>
      // Whoever closes a connection that was kept has another fault than whoever drops one that has just come.
      reject(new Error(`${cause.message} on a ${asked.reusedSocket ? 'kept' : 'new'} connection`, { cause })),
    )
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
