import { TlsCredentials } from '@disruptorx/transport/tcp'
import { type CertificateExtension, generate } from 'selfsigned'

const DAY_MS = 86_400_000

/** A certificate and its private key, in PEM. */
export interface Issued {
  readonly cert: string
  readonly key: string
}

/** An authority that signs certificates. */
export interface Authority extends Issued {
  issue(options?: { names?: readonly string[]; fromMs?: number; toMs?: number }): Promise<Issued>
}

const common = { keyType: 'ec', algorithm: 'sha256' } as const

/** Makes an authority of its own. */
export async function makeAuthority(name = 'test authority'): Promise<Authority> {
  const extensions: CertificateExtension[] = [
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, digitalSignature: true, critical: true },
  ]
  const own = await generate([{ name: 'commonName', value: name }], { ...common, extensions })
  return {
    cert: own.cert,
    key: own.private,
    async issue({ names = ['localhost'], fromMs = Date.now() - DAY_MS, toMs = Date.now() + DAY_MS } = {}) {
      const altNames = [...names.map(value => ({ type: 2 as const, value })), { type: 7 as const, ip: '127.0.0.1' }]
      const issued = await generate([{ name: 'commonName', value: names[0] ?? 'nobody' }], {
        ...common,
        ca: { key: own.private, cert: own.cert },
        notBeforeDate: new Date(fromMs),
        notAfterDate: new Date(toMs),
        extensions: [
          { name: 'keyUsage', digitalSignature: true },
          { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
          { name: 'subjectAltName', altNames },
        ],
      })
      return { cert: issued.cert, key: issued.private }
    },
  }
}

let shared: Promise<TlsCredentials> | undefined

/** Credentials that any node of a test may use. Made once. */
export function clusterCredentials(): Promise<TlsCredentials> {
  shared ??= makeAuthority().then(async authority => new TlsCredentials({ ...(await authority.issue()), ca: authority.cert }))
  return shared
}
