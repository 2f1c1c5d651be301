const block = 512

/** A plain archive of small files in one order and without times, so that the same files give the same bytes. */
export function tar(files: ReadonlyMap<string, Buffer>): Buffer {
  const sorted = [...files].sort(([a], [b]) => (a < b ? -1 : 1))
  const entries = sorted.flatMap(([path, content]) => [header(path, content.length), content, padding(content.length)])
  return Buffer.concat([...entries, Buffer.alloc(2 * block)])
}

/** POSIX ustar: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html */
function header(path: string, sizeBytes: number): Buffer {
  if (Buffer.byteLength(path) > 100) throw new Error(`The path ${path} is too long for this archive`)
  const bytes = Buffer.alloc(block)
  bytes.write(path, 0)
  bytes.write('0000644\0', 100)
  bytes.write('0000000\0', 108)
  bytes.write('0000000\0', 116)
  bytes.write(`${sizeBytes.toString(8).padStart(11, '0')}\0`, 124)
  bytes.write('00000000000\0', 136)
  bytes.write('        ', 148)
  bytes.write('0', 156)
  bytes.write('ustar\u000000', 257)
  const sum = bytes.reduce((total, byte) => total + byte, 0)
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return bytes
}

const padding = (sizeBytes: number): Buffer => Buffer.alloc((block - (sizeBytes % block)) % block)
