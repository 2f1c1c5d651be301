import { afterAll, describe, expect, it } from 'vitest'
import { ensureEdge } from '../../../jobs/servers/start-services.js'
import { directEdge } from '../../../server/domains/edges/direct/direct-edge.js'
import { parseFacts } from '../../../server/servers/facts.js'
import { localServer } from '../../support/sites.js'

describe('the edge of a server that is prepared', () => {
  const { host, nodeVersions, remove } = localServer()
  afterAll(remove)

  it('gets what brings its sites back after a restart, also where it was ready before', async () => {
    const prepared: string[] = []
    const edge = { ...directEdge, prepare: async () => void prepared.push('once') }
    const needs = { edge, nodeVersions, facts: parseFacts(''), signal: new AbortController().signal }
    await ensureEdge(host, needs)

    expect(await ensureEdge(host, needs)).toBe(false)
    expect(prepared).toEqual(['once', 'once'])
  })
})
