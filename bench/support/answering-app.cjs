// A site for load tests: it says in every answer which site and release it is and what it was asked, so that an answer
// that is torn, mixed up or meant for somebody else is recognised. `load.ts` asks it. Needs nothing but Node.
const { createServer } = require('node:http')

const site = process.env.SITE || 'site'
const release = process.env.RELEASE || '1'
const repeats = 60

const server = createServer((request, response) => {
  if (request.url === '/health') return response.end('ok')
  /** @type {Buffer[]} */
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    const asked = request.method === 'POST' ? Buffer.concat(chunks).toString() : (request.url ?? '/').slice(1)
    const line = `${site} ${release} ${asked}\n`
    response.writeHead(200, { 'Content-Type': 'text/plain', 'X-Site': site, 'X-Release': release })
    // In two pieces, so that a switch can fall into the middle of an answer.
    response.write(line.repeat(repeats / 2))
    setImmediate(() => response.end(line.repeat(repeats / 2)))
  })
})

server.on('upgrade', (_request, socket) => {
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n${site} ${release}\n`,
  )
  socket.pipe(socket)
})
server.listen(Number(process.env.PORT), process.env.HOST || '127.0.0.1')
process.on('SIGTERM', () => {
  server.close(() => process.exit(0))
  server.closeIdleConnections()
})
