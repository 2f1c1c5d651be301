import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ensureDataFolder, ownSecretKey } from '../server/secret-key.js'

describe('the key file in the data folder', () => {
  let parent: string
  let folder: string

  beforeEach(async () => {
    parent = await mkdtemp(path.join(tmpdir(), 'hostler-key-'))
    folder = path.join(parent, 'data')
    await ensureDataFolder(folder)
  })
  afterEach(() => rm(parent, { recursive: true }))

  it('is made at the first start, for us alone, and found again', async () => {
    const first = await ownSecretKey(folder)
    const again = await ownSecretKey(folder)

    expect(first.reveal()).toMatch(/^[\w-]{64}$/)
    expect(again.reveal()).toBe(first.reveal())
    expect((await stat(path.join(folder, 'secret-key'))).mode & 0o777).toBe(0o600)
    expect((await stat(folder)).mode & 0o077).toBe(0o011)
    expect(await readdir(folder)).toEqual(['secret-key'])
  })

  it('is one key when twenty processes start at once', async () => {
    const keys = await Promise.all(Array.from({ length: 20 }, () => ownSecretKey(folder)))

    expect(new Set(keys.map((key) => key.reveal())).size).toBe(1)
    expect(await readdir(folder)).toEqual(['secret-key'])
  })

  it('SE-06: is another one in another installation', async () => {
    const other = path.join(parent, 'other')
    await ensureDataFolder(other)

    expect((await ownSecretKey(other)).reveal()).not.toBe((await ownSecretKey(folder)).reveal())
  })

  it('SE-06: is refused when others may read it, or when it is empty', async () => {
    const file = path.join(folder, 'secret-key')
    await ownSecretKey(folder)
    await chmod(file, 0o644)
    await expect(ownSecretKey(folder)).rejects.toThrow(/Others may read/)

    await chmod(file, 0o600)
    await writeFile(file, '')
    await expect(ownSecretKey(folder)).rejects.toThrow(/holds no key/)
  })
})
