/** The demo asks the panel for everything by its API, as any program of yours would. */
import { setTimeout as pause } from 'node:timers/promises'

/** @typedef {(method: string, path: string, body?: unknown) => Promise<any>} Ask */

/**
 * @param {{ url: string, team: string, apiKey: string, signal: AbortSignal }} options
 * @returns {Ask} which throws the sentence that the panel answered with; a GET of what is not there is null
 */
export const api =
  ({ url, team, apiKey, signal }) =>
  async (method, path, body) => {
    const response = await fetch(`${url}/api/v1/teams/${team}${path}`, {
      method,
      signal,
      headers: { authorization: `Bearer ${apiKey}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    if (method === 'GET' && response.status === 404) return null
    /** @type {any} */
    const answer = await response.json().catch(() => ({}))
    if (response.ok) return answer
    const faults = (answer.errors ?? []).map((/** @type {any} */ fault) => `${fault.field}: ${fault.message}`)
    throw new Error([answer.title ?? `status ${response.status}`, answer.detail, ...faults].filter(Boolean).join(' '))
  }

/**
 * @param {string} url
 * @param {AbortSignal} signal
 */
export const panelIsReady = (url, signal) =>
  until(signal, 'the panel', async () => (await fetch(`${url}/readyz`, { signal }).catch(() => null))?.ok === true)

/**
 * Asks again every half second. Throws when it takes more than ten minutes.
 * @param {AbortSignal} signal
 * @param {string} what
 * @param {() => Promise<boolean>} isSo
 */
export async function until(signal, what, isSo) {
  const end = Date.now() + 10 * 60_000
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`Waited ten minutes for ${what}`)
    await pause(500, undefined, { signal })
  }
}
