/** The programs of the demo's repositories, as texts: they run on the server, never here. */
import { page } from './web-page.js'

/**
 * Answers with a page, and says where it was told to listen.
 * @param {string} text
 */
export const greeter = (text) => `import { createServer } from 'node:http'

const page = ${JSON.stringify(page('__TITLE__', text))}
const title = process.env.GREETING ?? 'Good morning'

createServer((request, response) => {
  console.log(request.method, request.url)
  response.setHeader('content-type', 'text/html; charset=utf-8').end(page.replaceAll('__TITLE__', title))
}).listen(process.env.PORT, () => console.log('Listening on port', process.env.PORT))
`

/**
 * Ends while it starts, so its deploy fails and the release before it goes on serving.
 * @param {string} why
 */
export const brokenStart = (why) => `console.log('Reading the settings')
throw new Error(${JSON.stringify(why)})
`

/**
 * Passes its health check and dies two seconds later, so it is taken back by itself.
 * @param {string} text
 * @param {string} why
 */
export const dyingLater = (text, why) => `${greeter(text)}
setTimeout(() => {
  throw new TypeError(${JSON.stringify(why)})
}, 2000)
`
