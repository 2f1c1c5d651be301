import { join } from 'node:path'
import { root, run } from '../run.js'

/**
 * Sets the panel up by `bin/hostler init`, with the password by standard input.
 * @param {{ email: string, name: string, team: string, password: string }} first
 * @returns {Promise<{ apiKey: string, team: string, url: string } | null>} null when it is set up already
 */
export async function initialise({ email, name, team, password }) {
  const cli = join(root, 'dist', 'server', 'cli', 'cli.js')
  const words = [
    'init',
    '--email',
    email,
    '--name',
    name,
    '--team',
    team,
    '--key-name',
    'demo',
    '--password-stdin',
    '--json',
  ]
  const { ok, output, answer } = await run([process.execPath, cli, ...words], { input: password })
  if (ok) return JSON.parse(answer)
  if (output.includes('already set up')) return null
  throw new Error(output)
}
