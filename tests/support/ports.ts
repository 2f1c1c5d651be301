import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below those that Linux gives to connections: what restarts finds its port still free. Far above those of sites. */
const [first, count] = [21_000, 11_000]

let next = Math.floor(Math.random() * count)

/** A port that was free a moment ago, on all addresses, and that nobody is given by chance. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < count; tries++) {
    const port = first + (next++ % count)
    if (await isFree(port)) return port
  }
  throw new Error(`All ports from ${first} on are taken`)
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port)
  try {
    await once(server, 'listening')
  } catch {
    return false
  }
  server.close()
  await once(server, 'close')
  return true
}
