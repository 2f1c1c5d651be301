/**
 * What the demo deploys: small repositories with a history, and what happens to each. Everything is real: the one that
 * fails is broken, and the one that is taken back dies under its visitors.
 */
import { brokenStart, dyingLater, greeter } from './programs.js'
import { page } from './web-page.js'

/**
 * @typedef {{ subject: string, author: string, daysAgo: number, files: Record<string, string> }} Commit
 * @typedef {{ deploy: number } | { rollback: number }} Act The commit, counted from 0, or the release to go back to.
 * @typedef {{ name: string, commits: Commit[], settings: Record<string, unknown>, acts: Act[] }} Project
 */

const manifest = (/** @type {string} */ name) =>
  `${JSON.stringify({ name, private: true, type: 'module', scripts: { start: 'node server.js' } }, null, 2)}\n`

/** Quick, because nobody waits gladly in a demo; the product's own values are more careful. */
const quick = { watchSeconds: 4, drainSeconds: 1, healthDeadlineSeconds: 20, memoryMb: 128 }

/** @type {readonly Project[]} The first one first: its address is what the terminal shows. */
export const projects = [
  {
    name: 'hello',
    settings: { ...quick, environment: 'GREETING=Hello from Hostler' },
    commits: [
      {
        subject: 'Say hello',
        author: 'Ada Lovelace',
        daysAgo: 9,
        files: { 'package.json': manifest('hello'), 'server.js': greeter('It works.') },
      },
      {
        subject: 'Tell visitors which release they see',
        author: 'Grace Hopper',
        daysAgo: 2,
        files: { 'server.js': greeter('Deployed from a Git repository, in ten steps that you can watch.') },
      },
    ],
    acts: [{ deploy: 0 }, { deploy: 1 }],
  },
  {
    name: 'price-list',
    settings: quick,
    commits: [
      {
        subject: 'Show the prices',
        author: 'Grace Hopper',
        daysAgo: 8,
        files: { 'package.json': manifest('price-list'), 'server.js': greeter('Bread 3.20 · Coffee 2.40 · Tea 2.10') },
      },
      {
        subject: 'Read the prices from the till',
        author: 'Alan Turing',
        daysAgo: 1,
        files: { 'server.js': brokenStart('There is no TILL_URL in the environment') },
      },
    ],
    acts: [{ deploy: 0 }, { deploy: 1 }],
  },
  {
    name: 'handbook',
    settings: quick,
    commits: [
      {
        subject: 'Write the first page',
        author: 'Ada Lovelace',
        daysAgo: 6,
        files: { 'index.html': page('Handbook', 'How we work here.') },
      },
      {
        subject: 'Add the holidays',
        author: 'Ada Lovelace',
        daysAgo: 3,
        files: { 'index.html': page('Handbook', 'How we work here, and when we do not: 24 to 31 December.') },
      },
    ],
    acts: [{ deploy: 0 }, { deploy: 1 }, { rollback: 1 }],
  },
  {
    name: 'newsletter',
    settings: quick,
    commits: [
      {
        subject: 'Send the newsletter',
        author: 'Alan Turing',
        daysAgo: 5,
        files: { 'package.json': manifest('newsletter'), 'server.js': greeter('The next one comes on Monday.') },
      },
      {
        subject: 'Count the readers',
        author: 'Alan Turing',
        daysAgo: 0,
        files: { 'server.js': dyingLater('Counting …', 'Cannot count readers of undefined') },
      },
    ],
    acts: [{ deploy: 0 }, { deploy: 1 }],
  },
]
