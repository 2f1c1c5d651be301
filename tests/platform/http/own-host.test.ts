import { afterAll, beforeAll, expect, it } from 'vitest'
import { ask } from '../../support/edges.js'
import { type Panel, startPanel } from './panel.js'
import { noteRoutes } from './routes.js'

let panel: Panel
beforeAll(async () => {
  panel = await startPanel(noteRoutes, { baseUrl: 'https://panel.test' })
})
afterAll(() => panel.close())

const visit = (host: string, path = '/nowhere') => ask(Number(new URL(panel.url).port), path, { headers: { host } })

it.each([
  'evil.test',
  'panel.test.evil.test',
  'evil.test:3000',
  'panel.test@evil.test',
  'a.panel.test',
  '127.0.0.1.nip.io',
  '%70anel.test',
])('HD-04: %s is not the panel’s name, and gets 421', async (host) => {
  const { status, body } = await visit(host)

  expect(status).toBe(421)
  expect(body).toContain('https://panel.test')
  expect(body).not.toContain('evil')
})

it.each([
  'panel.test',
  'PANEL.test.',
  'panel.test:8443',
  '127.0.0.1:3000',
  '[::1]:3000',
  'localhost',
  'hostler:3000',
  'x.localhost',
])('HD-04: %s is answered', async (host) => {
  expect((await visit(host)).status).toBe(404)
})

it('HD-04: health is told to whoever asks', async () => {
  expect((await visit('10.0.0.1.probe.test', '/healthz')).status).toBe(200)
})
