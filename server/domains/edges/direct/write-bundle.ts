import { writeFile } from 'node:fs/promises'
import { builtFile, bundleRelay } from './bundle.js'

/** Run by `npm run build`: a panel installed without what is for building only finds the relay ready. */
await writeFile(builtFile, await bundleRelay())
