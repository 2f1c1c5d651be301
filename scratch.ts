import { chmod, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newId } from './server/platform/ids.js'
import { seedEvents } from './bench/support/events.js'
import { startBenchPanel } from './bench/support/panel.js'
const folder = await mkdtemp(join(tmpdir(), 'hostler-bench-'))
await chmod(folder, 0o711)
const panel = await startBenchPanel({ dataFolder: folder })
const id = newId()
console.log(panel.open.embedded?.ownerUrl, id)
await seedEvents(panel.open.embedded?.ownerUrl ?? '', id, 1_000_000)
console.log('seeded')
setInterval(() => {}, 1000)
