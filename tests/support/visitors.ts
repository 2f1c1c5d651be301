import { Agent, get } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'

/**
 * People who use the site all the time, over connections that stay open and never ask twice: about forty requests a
 * second. Every answer must be whole and of one release.
 */
export interface Visitors {
  /** Whatever a visitor should not have seen, in words. */
  readonly failures: readonly string[]
  readonly answers: number
  /** The releases that each visitor met, in their order. */
  readonly paths: readonly (readonly string[])[]
  stop(): Promise<void>
}

const visitors = 3
const pauseMs = 70

/** The app of a site that visitors can check: its release stands in a header and in every line of the body. */
export const visitedApp = (word: string, extra = ''): Record<string, string> => ({
  'package.json': JSON.stringify({ name: 'app', engines: { node: '22.23.0' } }),
  'server.js': `
    require('node:http').createServer((request, response) => {
      response.setHeader('x-release', '${word}')
      response.end('${word}\\n'.repeat(50))
    }).listen(process.env.PORT, '127.0.0.1')
    ${extra}
  `,
})

export function startVisitors(port: number): Visitors {
  const failures: string[] = []
  const paths: string[][] = Array.from({ length: visitors }, () => [])
  const agent = new Agent({ keepAlive: true })
  let answers = 0
  let isOver = false

  async function visit(path: string[]): Promise<void> {
    while (!isOver) {
      try {
        const word = await ask(agent, port)
        answers++
        if (path.at(-1) !== word) path.push(word)
      } catch (error) {
        failures.push(`${new Date().toISOString()} after ${path.at(-1)}: ${String(error)}`)
      }
      await wait(pauseMs)
    }
  }
  const all = Promise.all(paths.map(visit))

  return {
    failures,
    paths,
    get answers() {
      return answers
    },
    stop: async () => {
      isOver = true
      await all
      agent.destroy()
    },
  }
}

function ask(agent: Agent, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get({ agent, port, host: '127.0.0.1', timeout: 5000 }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (chunk) => {
        body += chunk
      })
      response.on('error', reject).on('end', () => {
        const words = new Set([String(response.headers['x-release']), ...body.trim().split('\n')])
        const [word = ''] = words
        if (response.statusCode === 200 && words.size === 1) resolve(word)
        else reject(new Error(`${response.statusCode} ${[...words].join(' and ')}`))
      })
    })
    request.on('timeout', () => request.destroy(new Error('no answer within 5 s'))).on('error', reject)
  })
}
