/** The last act: a push to the first repository deploys its site. */
import { join } from 'node:path'
import { installPushHook } from './push-hook.js'

/**
 * May be done twice: the connection that is there gets a new secret.
 * @param {import('./panel.js').Ask} ask
 * @param {{ folder: string, name: string, gitUrl: string, url: string }} place
 * @returns {Promise<string>} the folder to clone and to push to
 */
export async function connectRepository(ask, { folder, name, gitUrl, url }) {
  const repository = join(folder, `${name}.git`)
  const cloneUrl = `${gitUrl}/${name}.git`
  const { connections } = await ask('GET', '/connections')
  const there = connections.find((/** @type {any} */ one) => one.repository.endsWith(`/${name}`))
  const { secret } = there
    ? await ask('POST', `/connections/${there.id}/secret`)
    : await ask('POST', '/connections', { repositoryUrl: cloneUrl, host: 'github' })
  installPushHook(repository, { url: `${url}/webhooks/github`, secret, cloneUrl, pusher: 'you' })
  return repository
}
