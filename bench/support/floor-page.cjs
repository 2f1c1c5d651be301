// The floors of `bench/pages.ts`: bare Express, one straight Nunjucks template, one query with `pg`, a new answer for each
// request. ROWS rows of the page's table come from the database cell by cell. Around them, in HTML_FILE, is either all the
// rest of the page (head, menu, filters, lists beside the table) as fixed text, though the panel works that out anew; or
// nothing, and there are so many rows that the page has its size.
const { readFileSync } = require('node:fs')
const express = require('express')
const nunjucks = require('nunjucks')
const pg = require('pg')
const { rowsOf } = require('./floor-rows.cjs')

const { DATABASE_URL, TEAM, PAGE, HTML_FILE, ROWS, PORT } = process.env
const { query, row } = rowsOf[PAGE]
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 10 })

const environment = new nunjucks.Environment(null, { autoescape: true })
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })
environment.addFilter('exact', (date) => date.toISOString().slice(0, 19).replace('T', ' '))
environment.addFilter('iso', (date) => date.toISOString())
environment.addFilter('ago', (date) => {
  const minutes = Math.round((Date.now() - date) / 60_000)
  return minutes < 60 ? relative.format(-minutes, 'minute') : relative.format(-Math.round(minutes / 60), 'hour')
})

const [head, rest] = readFileSync(HTML_FILE, 'utf8').split('<tbody>')
const foot = rest.slice(rest.indexOf('</tbody>'))
const raw = (text) => `{% raw %}${text}{% endraw %}`
const source = `${raw(`${head}<tbody>`)}{% for row in rows %}${row}{% endfor %}${raw(foot)}`
const template = nunjucks.compile(source, environment)

const app = express().disable('etag').disable('x-powered-by')
app.get('/', async (_request, response) => {
  const { rows } = await pool.query(query, [TEAM, Number(ROWS)])
  response.send(template.render({ rows }))
})
const server = app.listen(Number(PORT), '127.0.0.1', () => process.send?.('ready'))
process.on('SIGTERM', () => server.close(() => process.exit(0)) && server.closeAllConnections())
