import { request } from 'node:http'

export interface Door {
  /** Of a machine that was found good to be asked; nothing is resolved any more. */
  address: string
  port: number
  /** The `Host` header. */
  name: string
  path: string
}

const timeoutMs = 5_000
const longestBytes = 1024

/** One GET, without redirects, cookies or more than 1 KB of an answer. Throws what the connection threw. */
export const knock = ({ address, port, name, path }: Door): Promise<{ status: number; body: string }> =>
  new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeoutMs)
    const headers = { host: name, connection: 'close', accept: '*/*' }
    const asked = request({ host: address, port, path, headers, agent: false, signal }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        body += chunk
        if (body.length > longestBytes) asked.destroy(new Error('The answer is too long'))
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
      response.on('error', reject)
    })
    asked.on('error', reject).end()
  })
