/** A worker that does nothing but fetch a mirror, for tests that kill it. Reads what to fetch from stdin. */
import { text } from 'node:stream/consumers'
import { ensureMirror } from '../../server/git/mirror.js'
import { parseRepositoryUrl } from '../../server/git/repository-url.js'
import { Secret } from '../../server/platform/secret.js'
import { LocalHost } from '../../server/platform/ssh/local-host.js'

const { root, folder, address, token } = JSON.parse(await text(process.stdin))
const url = parseRepositoryUrl(address, ['http'])
const credentials = { kind: 'token', user: null, token: new Secret(token) } as const
await ensureMirror(new LocalHost({ name: 'web-1', root }), { folder, url, credentials })
