import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { root } from '../run.js'

/**
 * Sets the panel up by `bin/hostler init`, with the password by standard input.
 * @param {{ email: string, name: string, team: string, password: string }} first
 * @returns {Promise<{ apiKey: string, team: string, url: string } | null>} null when it is set up already
 */
export function initialise({ email, name, team, password }) {
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
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cli, ...words], { cwd: root, stdio: ['pipe', 'pipe', 'pipe'] })
    let output = ''
    let fault = ''
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text
    })
    child.stderr.setEncoding('utf8').on('data', (text) => {
      fault += text
    })
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(output))
      else if (fault.includes('already set up')) resolve(null)
      else reject(new Error(fault.trim()))
    })
    child.stdin.on('error', () => undefined)
    child.stdin.end(password)
  })
}
