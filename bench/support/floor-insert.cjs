/** Bare Express: takes a body as it comes, writes one row, answers 202. */
const express = require('express')
const { Pool } = require('pg')

const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 10 })
const app = express()
app.disable('x-powered-by')
app.disable('etag')
app.post('/', express.raw({ type: () => true, limit: '25mb' }), async (request, response) => {
  await pool.query({
    name: 'insert',
    text: 'insert into floor (delivery, body, received_at) values ($1, $2, now())',
    values: [request.get('x-github-delivery'), request.body],
  })
  response.status(202).json({ taken: true })
})
const server = app.listen(Number(process.env.PORT), '127.0.0.1', () => process.send('ready'))
process.on('SIGTERM', () => {
  server.closeAllConnections()
  server.close()
  pool.end().then(() => process.exit())
})
