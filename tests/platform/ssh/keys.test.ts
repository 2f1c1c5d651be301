import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import ssh2 from 'ssh2'
import { afterAll, describe, expect, test } from 'vitest'
import { FieldError } from '../../../server/platform/errors.js'
import { generateKey, parsePrivateKey } from '../../../server/platform/ssh/keys.js'
import { needs } from '../../support/parts.js'

const folder = mkdtempSync(`${tmpdir()}/hostler-keys-`)
afterAll(() => rmSync(folder, { recursive: true }))

const input = { field: 'privateKey', comment: 'hostler@web-1' }
const parse = (text: string) => parsePrivateKey(text, input)

function keygen(name: string, ...words: string[]): string {
  execFileSync('ssh-keygen', ['-q', '-f', `${folder}/${name}`, ...words])
  return readFileSync(`${folder}/${name}`, 'utf8')
}

describe('generateKey', () => {
  test('every key can be read back and signs', () => {
    for (let count = 0; count < 400; count++) {
      const key = generateKey('hostler')
      const parsed = ssh2.utils.parseKey(key.privateKey.reveal())
      if (parsed instanceof Error) throw parsed
      expect(parsed.verify('text', parsed.sign('text'))).toBe(true)
    }
  })

  test.skipIf(!needs('ssh-keygen'))('OpenSSH reads the same key, comment and fingerprint from it', () => {
    const key = generateKey('hostler@web-1')
    writeFileSync(`${folder}/own`, key.privateKey.reveal(), { mode: 0o600 })

    const publicLine = execFileSync('ssh-keygen', ['-y', '-f', `${folder}/own`], { encoding: 'utf8' }).trim()
    const listed = execFileSync('ssh-keygen', ['-l', '-f', `${folder}/own`], { encoding: 'utf8' })

    expect(publicLine).toBe(key.publicLine)
    expect(listed).toContain(key.fingerprint)
  })

  test('a comment cannot become a second line', () => {
    expect(generateKey('a\nssh-rsa AAAA evil').publicLine.split('\n')).toHaveLength(1)
  })

  test('does not show the private half', () => {
    expect(JSON.stringify(generateKey('x'))).not.toContain('PRIVATE')
  })
})

describe.skipIf(!needs('ssh-keygen'))('parsePrivateKey', () => {
  test.each([
    ['ed25519', ['-t', 'ed25519', '-N', '']],
    ['ecdsa', ['-t', 'ecdsa', '-N', '']],
    ['rsa', ['-t', 'rsa', '-b', '2048', '-N', '']],
    ['rsa-pem', ['-t', 'rsa', '-b', '2048', '-N', '', '-m', 'PEM']],
  ])('takes %s and gives its public line', (name, words) => {
    const key = parse(keygen(name, ...words))

    const [type, base64] = readFileSync(`${folder}/${name}.pub`, 'utf8').split(' ')
    expect(key.publicLine).toBe(`${type} ${base64} hostler@web-1`)
    expect(execFileSync('ssh-keygen', ['-l', '-f', `${folder}/${name}.pub`], { encoding: 'utf8' })).toContain(
      key.fingerprint,
    )
  })

  test('forgives what pasting does to a text', () => {
    const text = generateKey('x').privateKey.reveal()

    expect(parse(`\n  ${text.trim().replaceAll('\n', '  \r\n  ')}`).privateKey.reveal()).toBe(text)
  })

  test.each<[string, () => string, string]>([
    ['nothing', () => '  ', 'Paste the private key here'],
    ['the public half', () => generateKey('x').publicLine, 'the public half'],
    ['a passphrase', () => keygen('locked', '-t', 'ed25519', '-N', 'secret'), 'protected by a passphrase'],
    [
      'a passphrase in PEM',
      () => keygen('locked-pem', '-t', 'rsa', '-b', '2048', '-N', 'secret', '-m', 'PEM'),
      'protected by a passphrase',
    ],
    [
      'half of it',
      () =>
        generateKey('x')
          .privateKey.reveal()
          .replace(/\n.{40}/, '\n'),
      'damaged or not complete',
    ],
    [
      'no last line',
      () =>
        generateKey('x')
          .privateKey.reveal()
          .replace(/-----END.*/s, ''),
      'damaged or not complete',
    ],
    ['something else', () => 'hello', 'not a private SSH key'],
    ['a certificate', () => '-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----', 'a certificate'],
    ['a short RSA key', () => keygen('short', '-t', 'rsa', '-b', '1024', '-N', ''), 'shorter than 2048 bits'],
  ])('refuses %s with a sentence', (_, text, sentence) => {
    const pasted = text()
    const refused = () => parse(pasted)

    expect(refused).toThrow(FieldError)
    expect(refused).toThrow(sentence)
  })
})
