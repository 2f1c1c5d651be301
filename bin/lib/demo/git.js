import { spawn } from 'node:child_process'

/**
 * Runs Git and returns what it prints.
 * @param {readonly string[]} words
 * @param {string} [input]
 * @returns {Promise<string>}
 */
export function git(words, input = '') {
  return new Promise((resolve, reject) => {
    const child = spawn('git', words, { stdio: ['pipe', 'pipe', 'pipe'] })
    let output = ''
    let fault = ''
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text
    })
    child.stderr.setEncoding('utf8').on('data', (text) => {
      fault += text
    })
    child.on('error', (error) => reject(new Error(`Git could not be started: ${error.message}`)))
    child.on('close', (code) => (code === 0 ? resolve(output) : reject(new Error(`git ${words[0]}: ${fault.trim()}`))))
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
  })
}
