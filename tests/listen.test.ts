import { get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { listen, stopListening } from '../server/listen.js'

describe('listening', () => {
  it('says in words that a port is taken, and what to do', async () => {
    const first = await listen((_, res) => res.end(), 0)
    const { port } = first.address() as AddressInfo // It listens on TCP.

    await expect(listen((_, res) => res.end(), port)).rejects.toMatchObject({
      message: `Port ${port} is taken by another program`,
      hint: expect.stringContaining('PORT'),
    })
    await stopListening(first)
  })

  it('HD-06: listens on the one address that it was told, and on no other', async () => {
    const server = await listen((_, res) => res.end(), 0, '127.0.0.1')
    const { port } = server.address() as AddressInfo // It listens on TCP.

    expect((await fetch(`http://127.0.0.1:${port}`)).status).toBe(200)
    await expect(fetch(`http://127.0.0.2:${port}`)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } })
    await stopListening(server)
    await expect(listen((_, res) => res.end(), 0, '192.0.2.1')).rejects.toMatchObject({
      message: 'HOSTLER_BIND is no address of this machine',
    })
  })

  it('lets a request that is being answered end before it stops', async () => {
    let answer = () => {}
    const server = await listen((_, res) => {
      answer = () => res.end('whole')
    }, 0)
    const { port } = server.address() as AddressInfo // It listens on TCP.
    const said = new Promise<string>((resolve, reject) => {
      get({ port, path: '/' }, (res) => {
        let text = ''
        res.on('data', (chunk) => {
          text += chunk
        })
        res.on('end', () => resolve(text))
      }).on('error', reject)
    })
    await expect.poll(() => answer.toString()).toContain('whole')

    const stopped = stopListening(server)
    answer()

    expect(await said).toBe('whole')
    await stopped
  })
})
