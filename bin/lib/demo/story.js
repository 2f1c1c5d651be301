/** What happens in the demo, act by act. Each looks first at what is there, so it can be told again from the middle. */
import { until } from './panel.js'
import { projects } from './projects.js'
import { commitsIn } from './repositories.js'

const server = 'this-machine'

/**
 * This machine needs nothing but Node and Git: no Docker, no Caddy.
 * @param {import('./panel.js').Ask} ask
 * @param {AbortSignal} signal
 */
export async function readyServer(ask, signal) {
  const isReady = async () => {
    const found = await ask('GET', `/servers/${server}`)
    return found?.server.status === 'ready' && found.server.runtime !== null
  }
  if (await isReady()) return
  // What setup asked for, a first look at the machine, may still be running there.
  await until(signal, 'this machine to be looked at', async () => (await running(ask)) === 0)
  const { operation } = await ask('POST', `/servers/${server}/preparation`, { runtime: 'process', edge: 'direct' })
  const end = await ended(ask, signal, operation.id)
  if (end.status !== 'succeeded') throw new Error(`This machine was not made ready: ${end.message ?? end.status}`)
}

/**
 * The sites side by side, each one's acts in their order.
 * @param {import('./panel.js').Ask} ask
 * @param {{ folder: string, gitUrl: string, signal: AbortSignal }} place
 * @returns {Promise<string>} where visitors find the first site
 */
export async function tellStory(ask, place) {
  const addresses = []
  for (const project of projects) addresses.push(await ensureSite(ask, project, place.gitUrl))
  await Promise.all(projects.map((project) => tell(ask, project, place)))
  return addresses[0] ?? ''
}

/**
 * @param {import('./panel.js').Ask} ask
 * @param {import('./projects.js').Project} project
 * @param {string} gitUrl
 * @returns {Promise<string>}
 */
async function ensureSite(ask, { name, settings }, gitUrl) {
  const there = await ask('GET', `/sites/${name}`)
  if (there) return there.site.url
  const made = await ask('POST', '/sites', {
    server,
    repositoryUrl: `${gitUrl}/${name}.git`,
    access: 'none',
    name,
    branch: 'main',
    ...settings,
    deploy: 'later',
  })
  return made.site.url
}

/**
 * @param {import('./panel.js').Ask} ask
 * @param {import('./projects.js').Project} project
 * @param {{ folder: string, signal: AbortSignal }} place
 */
async function tell(ask, { name, acts }, { folder, signal }) {
  const commits = await commitsIn(folder, name)
  const { items } = await ask('GET', `/sites/${name}/deploys?limit=50`)
  for (const deploy of items.filter((/** @type {any} */ one) => ['queued', 'running'].includes(one.status)))
    await ended(ask, signal, deploy.operationId)
  for (const act of acts.slice(items.length)) {
    const { deploy } =
      'rollback' in act
        ? await ask('POST', `/sites/${name}/rollbacks`, { release: act.rollback })
        : await ask('POST', `/sites/${name}/deploys`, { commit: commits[act.deploy] })
    await ended(ask, signal, deploy.operationId)
  }
}

/** @param {import('./panel.js').Ask} ask */
const running = async (ask) => (await ask('GET', '/operations')).operations.length

/**
 * @param {import('./panel.js').Ask} ask
 * @param {AbortSignal} signal
 * @param {string} id
 * @returns {Promise<{ status: string, message: string | null }>}
 */
async function ended(ask, signal, id) {
  let operation = { status: 'queued', message: null }
  await until(signal, 'an operation', async () => {
    operation = (await ask('GET', `/operations/${id}`)).operation
    return !['queued', 'running'].includes(operation.status)
  })
  return operation
}
