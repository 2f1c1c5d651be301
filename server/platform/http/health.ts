import type { RequestHandler } from 'express'

/** Each answers by returning in time, or throws. */
export type HealthChecks = Readonly<Record<string, () => Promise<unknown>>>

const patienceMs = 3000

/**
 * `/healthz`: this process answers. `/readyz`: what it needs answers too, each part by name. For load balancers and
 * supervisors, so it says no more than that, to anyone, and is not logged.
 */
export const health =
  (checks: HealthChecks): RequestHandler =>
  (req, res, next) => {
    if (req.path !== '/healthz' && req.path !== '/readyz') return next()
    if (req.method !== 'GET' && req.method !== 'HEAD') return void res.set('Allow', 'GET, HEAD').status(405).end()
    if (req.path === '/healthz') return void res.json({ status: 'ok' })
    Promise.all(Object.entries(checks).map(async ([name, check]) => [name, await passes(check)] as const))
      .then((results) => {
        const isReady = results.every(([, passed]) => passed)
        const parts = Object.fromEntries(results.map(([name, passed]) => [name, passed ? 'ok' : 'failing']))
        res.status(isReady ? 200 : 503).json({ status: isReady ? 'ok' : 'failing', parts })
      })
      .catch(next)
  }

async function passes(check: () => Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), patienceMs)
  })
  try {
    return await Promise.race([check().then(() => true), tooLate])
  } catch {
    return false
  } finally {
    clearTimeout(timer)
  }
}
