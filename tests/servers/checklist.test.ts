import { expect, it } from 'vitest'
import { programItems } from '../../server/servers/checklist.js'
import { type Facts, parseFacts } from '../../server/servers/facts.js'

const server = {
  name: 'web-1',
  kind: 'local',
  username: null,
  public_key: null,
  runtime: 'process',
  edge: 'direct',
} as const
const runtimeOf = (facts: Partial<Facts>) =>
  programItems(server, { ...parseFacts(''), ...facts }, { ok: true }).find(({ key }) => key === 'runtime')

it('says what keeps sites running, which systemd does for root only', () => {
  expect(runtimeOf({ hasSystemd: true, isRoot: true })).toMatchObject({
    state: 'good',
    text: 'systemd keeps sites running',
  })
  expect(runtimeOf({ hasSystemd: true, programs: ['runit'] })).toMatchObject({ text: 'runit keeps sites running' })
  expect(runtimeOf({ hasSystemd: true })).toMatchObject({ state: 'warning', fix: expect.stringContaining('as root') })
  expect(runtimeOf({})).toMatchObject({ state: 'warning', text: expect.stringContaining('neither systemd nor runit') })
})
