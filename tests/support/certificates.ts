import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A certificate with its key, as openssl makes one. */
export interface Made {
  certificate: string
  key: string
}

export interface Wish {
  names?: readonly string[]
  days?: number
  /** Who signs it; left out, itself. */
  by?: Made
  /** As openssl has it: `rsa:2048`, or a curve. */
  kind?: 'ec' | 'rsa:2048' | 'rsa:1024' | 'ed25519'
  isCa?: boolean
  /** Left out, now. */
  begins?: Date
}

/** Milliseconds with a curve. */
export function makeCertificate({ names = [], days = 90, by, kind = 'ec', isCa = false, begins }: Wish = {}): Made {
  const folder = mkdtempSync(join(tmpdir(), 'hostler-certificate-'))
  const at = (name: string) => join(folder, name)
  try {
    const keyWords = kind === 'ec' ? ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'] : [kind]
    const extensions = [
      `basicConstraints=critical,CA:${isCa ? 'TRUE' : 'FALSE'}`,
      ...(names.length > 0 ? [`subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}`] : []),
    ].flatMap((one) => ['-addext', one])
    if (by) {
      writeFileSync(at('by.crt'), by.certificate)
      writeFileSync(at('by.key'), by.key)
    }
    const signed = by ? ['-CA', at('by.crt'), '-CAkey', at('by.key')] : []
    const subject = ['-subj', `/O=Test/CN=${names[0] ?? (isCa ? 'Test CA' : 'nobody')}`.slice(0, 60)]
    const words = [
      'req',
      '-x509',
      '-newkey',
      ...keyWords,
      '-nodes',
      '-days',
      `${days}`,
      ...subject,
      ...extensions,
      ...signed,
    ]
    execFileSync('openssl', [...words, '-keyout', at('new.key'), '-out', at('new.crt')], { stdio: 'pipe' })
    if (begins) signAgain(folder, begins)
    return { certificate: readFileSync(at('new.crt'), 'utf8'), key: readFileSync(at('new.key'), 'utf8') }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** `openssl req` knows no other time than now. */
function signAgain(folder: string, begins: Date): void {
  const time = (date: Date) => `${date.toISOString().replace(/\.\d+|[-:T]/g, '')}`
  const config = `[ca]\ndefault_ca=c\n[c]\ndatabase=index\nnew_certs_dir=.\nrand_serial=yes\ndefault_md=sha256\npolicy=p\ncopy_extensions=copyall\n[p]\nO=optional\nCN=supplied\n`
  writeFileSync(join(folder, 'config'), config)
  writeFileSync(join(folder, 'index'), '')
  const openssl = (...words: string[]) => execFileSync('openssl', words, { cwd: folder, stdio: 'pipe' })
  openssl(
    'x509',
    '-x509toreq',
    '-copy_extensions',
    'copyall',
    '-in',
    'new.crt',
    '-signkey',
    'new.key',
    '-out',
    'request',
  )
  const dates = ['-startdate', time(begins), '-enddate', time(new Date(begins.getTime() + 10 * 365 * 24 * 3600_000))]
  const signing = ['-selfsign', '-batch', '-notext', '-keyfile', 'new.key', '-in', 'request', '-out', 'new.crt']
  openssl('ca', '-config', 'config', ...signing, ...dates)
}

/** The same key, so that only who knows a passphrase can read it. */
export const lockKey = (key: string): string =>
  execFileSync('openssl', ['pkey', '-aes256', '-passout', 'pass:secret'], { input: key, encoding: 'utf8' })
