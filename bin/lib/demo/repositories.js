/** Writes the demo's repositories: bare, whole in one stream, and never touched again once they are there. */
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../run.js'

/**
 * @param {string} folder
 * @param {readonly import('./projects.js').Project[]} projects
 */
export async function ensureRepositories(folder, projects) {
  mkdirSync(folder, { recursive: true })
  for (const project of projects) await ensureRepository(folder, project)
}

/**
 * Made beside its place and then renamed: a kill in the middle leaves nothing half made.
 * @param {string} folder
 * @param {import('./projects.js').Project} project
 */
async function ensureRepository(folder, { name, commits }) {
  const place = join(folder, `${name}.git`)
  if (existsSync(place)) return
  const partial = join(folder, `${name}.partial`)
  rmSync(partial, { recursive: true, force: true })
  await git(['init', '--quiet', '--bare', '--template=', '--initial-branch=main', '--', partial])
  // What the look into a repository asks of a server: single commits, and files only when they are read.
  for (const name of ['allowFilter', 'allowAnySHA1InWant'])
    await git(['-C', partial, 'config', `uploadpack.${name}`, 'true'])
  await git(['-C', partial, 'fast-import', '--quiet'], importStream(commits, Date.now()))
  renameSync(partial, place)
}

/**
 * The hashes of a repository's commits, oldest first.
 * @param {string} folder
 * @param {string} name
 */
export async function commitsIn(folder, name) {
  const lines = await git(['-C', join(folder, `${name}.git`), 'rev-list', '--reverse', 'main'])
  return lines.split('\n')
}

/**
 * @param {readonly string[]} words
 * @param {string} [input]
 * @returns {Promise<string>} what it prints
 */
async function git(words, input = '') {
  const { ok, output, answer } = await run(['git', ...words], { input })
  if (!ok) throw new Error(`git ${words[0]}: ${output}`)
  return answer
}

/**
 * As `git fast-import` reads it. Each commit goes on from the one before it on the same branch.
 * @param {readonly import('./projects.js').Commit[]} commits
 * @param {number} now
 */
export function importStream(commits, now) {
  const parts = commits.flatMap(({ subject, author, daysAgo, files }) => {
    const at = Math.floor(now / 1000) - daysAgo * 86_400
    const address = `${author.toLowerCase().replaceAll(' ', '.')}@example.com`
    return [
      'commit refs/heads/main',
      `committer ${author} <${address}> ${at} +0000`,
      ...blob(subject),
      ...Object.entries(files).flatMap(([path, text]) => [`M 100644 inline ${path}`, ...blob(text)]),
    ]
  })
  return `${parts.join('\n')}\n`
}

/** @param {string} text */
const blob = (text) => [`data ${Buffer.byteLength(text)}`, text]
