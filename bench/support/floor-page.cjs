// The floor of `bench/pages.ts`: the least that Express, Nunjucks and pg can do for a page of the same size. One query, as
// many table rows as the page it is compared with, and plain text up to the same number of bytes. No session, no layout.
const express = require('express')
const nunjucks = require('nunjucks')
const pg = require('pg')

const { DATABASE_URL, TEAM, ROWS, BYTES } = process.env
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 10 })
const environment = new nunjucks.Environment(null, { autoescape: true })
const template = nunjucks.compile(
  `<!doctype html><html lang="en"><title>Sites</title><table>{% for site in sites %}<tr><td><a href="/sites/{{ site.slug }}">{{ site.name }}</a></td><td>{{ site.state }}</td><td>{{ site.branch }}</td><td>{{ site.server }}</td><td>{{ site.created_at }}</td></tr>{% endfor %}</table><p>{{ padding }}</p></html>`,
  environment,
)
const query = `select site.slug, site.name, site.state, site.branch, server.name as server, site.created_at::text
  from sites site join servers server on server.id = site.server_id
  where site.team_id = $1 order by site.created_at desc, site.id desc limit $2`

const render = async (padding) => {
  const { rows } = await pool.query(query, [TEAM, Number(ROWS)])
  return template.render({ sites: rows, padding })
}

async function start() {
  const bare = Buffer.byteLength(await render(''))
  const padding = 'x'.repeat(Math.max(0, Number(BYTES) - bare))
  const app = express().disable('etag').disable('x-powered-by')
  app.get('/', async (_request, response) => response.send(await render(padding)))
  const server = app.listen(Number(process.env.PORT), '127.0.0.1', () => process.send?.('ready'))
  process.on('SIGTERM', () => server.close(() => process.exit(0)) && server.closeAllConnections())
}
void start()
