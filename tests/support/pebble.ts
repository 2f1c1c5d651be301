import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { freePort } from './ports.js'

/** Debian's pebble: a CA that speaks ACME, and really asks the names for their proofs. */
export interface Pebble {
  url: URL
  /** Who asks it has to trust this. */
  rootFile: string
  /** Who visits a site with a certificate of it has to trust this; another one after each start. */
  root(): Promise<string>
  stop(): Promise<void>
}

export interface PebbleOptions {
  /** Where it asks for proofs. */
  webPorts: { http: number; https: number }
  /** `address:port` of the DNS server that it asks. */
  dns: string
  validitySeconds?: number
  /** Only who has this takes part. */
  externalAccount?: { keyId: string; key: string }
}

export async function startPebble({ webPorts, dns, validitySeconds, externalAccount }: PebbleOptions): Promise<Pebble> {
  const folder = await mkdtemp(join(tmpdir(), 'hostler-pebble-'))
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']
  const words = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', certificate]
  execFileSync('openssl', [...words, ...subject], { stdio: 'ignore' })
  const [port, managementPort] = [await freePort(), await freePort()]
  const config = {
    pebble: {
      listenAddress: `127.0.0.1:${port}`,
      managementListenAddress: `127.0.0.1:${managementPort}`,
      certificate,
      privateKey: key,
      httpPort: webPorts.http,
      tlsPort: webPorts.https,
      ocspResponderURL: '',
      externalAccountBindingRequired: externalAccount !== undefined,
      ...(externalAccount ? { externalAccountMACKeys: { [externalAccount.keyId]: externalAccount.key } } : {}),
      ...(validitySeconds === undefined ? {} : { certificateValidityPeriod: validitySeconds }),
    },
  }
  await writeFile(join(folder, 'config.json'), JSON.stringify(config))
  const pebble = spawn('pebble', ['-config', join(folder, 'config.json'), '-dnsserver', dns], {
    env: { PATH: process.env.PATH, PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '0', PEBBLE_AUTHZREUSE: '0' },
    stdio: 'ignore',
  })
  const url = new URL(`https://127.0.0.1:${port}/dir`)
  await untilAnswering(url, pebble)
  return {
    url,
    rootFile: certificate,
    root: async () => {
      const url = new URL(`https://127.0.0.1:${managementPort}/roots/0`)
      const [response] = await once(get(url, { rejectUnauthorized: false, agent: false }), 'response')
      return text(response)
    },
    stop: async () => {
      if (pebble.exitCode === null && pebble.signalCode === null) {
        const ended = once(pebble, 'exit')
        pebble.kill('SIGKILL')
        await ended
      }
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function untilAnswering(url: URL, pebble: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (pebble.exitCode !== null) throw new Error('pebble did not start')
    if (await answers(url)) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('pebble does not answer')
}

const answers = (url: URL): Promise<boolean> =>
  new Promise((resolve) => {
    get(url, { rejectUnauthorized: false, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    }).on('error', () => resolve(false))
  })
