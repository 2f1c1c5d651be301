import { randomBytes } from 'node:crypto'
import { link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { UserError } from './platform/errors.js'
import { Secret } from './platform/secret.js'

/**
 * The key that everything secret is sealed under, when the environment has none: a file that only we may read, made at
 * the first start. Two processes that start at once end up with the same one.
 * @throws UserError when others may read the file
 */
export async function ownSecretKey(dataFolder: string): Promise<Secret> {
  const file = path.join(dataFolder, 'secret-key')
  await makeOnce(file)

  const { mode } = await stat(file)
  if (mode & 0o077) throw new UserError(500, `Others may read ${file}`, `Run: chmod 600 ${file}`)
  const text = (await readFile(file, 'utf8')).trim()
  if (text.length < 32) throw new UserError(500, `${file} holds no key`, 'Put the one from your backup back there.')
  return new Secret(text)
}

/** Written under another name and then linked, which fails when it is there: nobody ever reads half a key. */
async function makeOnce(file: string): Promise<void> {
  if (await isThere(file)) return
  const fresh = `${file}.${randomBytes(6).toString('hex')}`
  await writeFile(fresh, `${randomBytes(48).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' })
  try {
    await link(fresh, file)
  } catch (error) {
    if (!(await isThere(file))) throw error
  } finally {
    await rm(fresh)
  }
}

const isThere = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  )

/** Passable but not readable for others: PostgreSQL, which runs as somebody else when we are root, has a folder inside. */
export const ensureDataFolder = async (folder: string): Promise<void> =>
  void (await mkdir(folder, { recursive: true, mode: 0o711 }))
