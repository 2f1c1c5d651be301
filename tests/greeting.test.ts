import { describe, expect, it } from 'vitest'
import { greeting } from '../server/greeting.js'
import { Secret } from '../server/platform/secret.js'

const local = {
  baseUrl: new URL('http://localhost:3000'),
  port: 3000,
  addresses: ['192.0.2.7'],
  isInContainer: false,
  setupToken: null,
}

describe('what the terminal says once the panel answers', () => {
  it('names the address, and how to use the panel from elsewhere', () => {
    const text = greeting(local)

    expect(text).toContain('http://localhost:3000')
    expect(text).toContain('HOSTLER_URL=http://192.0.2.7:3000')
    expect(text).not.toContain('/setup')
  })

  it('gives the setup link while nobody has set the panel up', () => {
    expect(greeting({ ...local, setupToken: new Secret('t0ken') })).toContain('http://localhost:3000/setup?token=t0ken')
  })

  it('offers neither the addresses of a container nor the container itself', () => {
    const text = greeting({ ...local, isInContainer: true, setupToken: new Secret('t0ken') })

    expect(text).toContain('add a server over SSH')
    expect(text).not.toMatch(/192\.0\.2\.7|this machine/)
  })

  it('SE-09: makes the link from the configured address alone', () => {
    const text = greeting({ ...local, baseUrl: new URL('https://panel.example.com'), setupToken: new Secret('t0ken') })

    expect(text).toContain('https://panel.example.com/setup?token=t0ken')
    expect(text).not.toMatch(/192\.0\.2\.7|localhost/)
  })
})
