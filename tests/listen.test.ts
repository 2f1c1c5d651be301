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
