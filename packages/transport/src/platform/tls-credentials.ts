import { X509Certificate } from 'node:crypto'
import { readFileSync, unwatchFile, watchFile } from 'node:fs'
import { createSecureContext, type SecureContext } from 'node:tls'
import { OptionError } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import { CertificateError } from '../errors.ts'

/** Certificate, key and trusted certificates, each in PEM. */
export interface TlsMaterial {
  /** The certificate of this node, with those between it and the authority behind it. @default none: this end only checks the other one */
  readonly cert?: string | Uint8Array
  /** The certificate's private key. */
  readonly key?: string | Uint8Array
  /** The authorities whose certificates are believed. @default those that Node knows */
  readonly ca?: string | Uint8Array
}

/** Where certificate, key and trusted certificates lie. */
export interface TlsFiles {
  readonly cert?: string
  readonly key?: string
  readonly ca?: string
}

/** How files are watched. */
export interface TlsFilesOptions {
  /** How often to look whether a file has changed: 100 to 86,400,000 ms. @default 10_000 */
  readonly everyMs?: number
  /** Told why changed files were not taken; those before stay in use. @default nobody */
  readonly onError?: (error: Error) => void
}

/**
 * Certificate and key of a node, which can be replaced while links use them: new connections take the new ones.
 *
 * @example
 * const credentials = TlsCredentials.fromFiles({ cert: 'node.pem', key: 'node.key', ca: 'cluster-ca.pem' })
 * const transport = createTransport({ node: 'a', cluster: 'demo', carriers: [tls({ credentials })] })
 */
export class TlsCredentials {
  #material: TlsMaterial
  #context: SecureContext
  #expiresAtMs: number
  readonly #listeners = new Set<() => void>()
  #unwatch = () => {}

  /** @throws {CertificateError} expired, not valid yet, or certificate and key do not belong together */
  constructor(material: TlsMaterial) {
    const checked = check(material)
    this.#material = material
    this.#context = checked.context
    this.#expiresAtMs = checked.expiresAtMs
  }

  /** Reads files, and reads them again whenever one changes, until {@link close}. @throws {CertificateError} or what reading throws */
  static fromFiles(files: TlsFiles, { everyMs = 10_000, onError = () => {} }: TlsFilesOptions = {}): TlsCredentials {
    wholeNumber('everyMs', everyMs, 100, 86_400_000)
    const credentials = new TlsCredentials(readMaterial(files))
    const reload = () => {
      try {
        credentials.reload(readMaterial(files))
      } catch (error) {
        onError(error instanceof Error ? error : new Error(String(error)))
      }
    }
    const paths = Object.values(files).filter(path => path !== undefined)
    for (const path of paths) watchFile(path, { interval: everyMs, persistent: false }, reload)
    credentials.#unwatch = () => {
      for (const path of paths) unwatchFile(path, reload)
    }
    return credentials
  }

  /** What is in use. */
  get material(): TlsMaterial {
    return this.#material
  }

  /** For the next connection. */
  get context(): SecureContext {
    return this.#context
  }

  /** Whether there are authorities of our own, by whose certificates strangers are told apart. */
  get hasAuthority(): boolean {
    return this.#material.ca !== undefined
  }

  /** When the certificate expires, in milliseconds since 1970; Infinity without one. */
  get expiresAtMs(): number {
    return this.#expiresAtMs
  }

  /**
   * Takes other material for all connections from now on. Without effect when it throws.
   *
   * @throws {CertificateError} as the constructor
   * @throws {OptionError} without a `ca` where there was one: everybody with a certificate of any authority would be let in
   */
  reload(material: TlsMaterial): void {
    const { context, expiresAtMs } = check(material)
    if (this.hasAuthority && material.ca === undefined) throw new OptionError('ca', undefined, 'given, as it was before')
    this.#material = material
    this.#context = context
    this.#expiresAtMs = expiresAtMs
    for (const listener of this.#listeners) listener()
  }

  /** Watches files no more. */
  close(): void {
    this.#unwatch()
  }

  /** Tells of a {@link reload}. The result ends that. */
  onReload(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
}

function readMaterial({ cert, key, ca }: TlsFiles): TlsMaterial {
  return {
    ...(cert === undefined ? {} : { cert: readFileSync(cert) }),
    ...(key === undefined ? {} : { key: readFileSync(key) }),
    ...(ca === undefined ? {} : { ca: readFileSync(ca) }),
  }
}

/** Material as Node's own options have it. */
export function nodeMaterial({ cert, key, ca }: TlsMaterial): { cert?: Buffer; key?: Buffer; ca?: Buffer } {
  const buffer = (pem: string | Uint8Array) => Buffer.from(pem as string)
  return {
    ...(cert === undefined ? {} : { cert: buffer(cert) }),
    ...(key === undefined ? {} : { key: buffer(key) }),
    ...(ca === undefined ? {} : { ca: buffer(ca) }),
  }
}

function check(material: TlsMaterial): { context: SecureContext; expiresAtMs: number } {
  try {
    const context = createSecureContext({ ...nodeMaterial(material), minVersion: 'TLSv1.2' })
    if (material.cert === undefined) return { context, expiresAtMs: Number.POSITIVE_INFINITY }
    const certificate = new X509Certificate(Buffer.from(material.cert as string))
    checkDates(certificate)
    return { context, expiresAtMs: Date.parse(certificate.validTo) }
  } catch (error) {
    if (error instanceof CertificateError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new CertificateError('invalid', `certificate, key or ca cannot be used: ${reason}`, error)
  }
}

function checkDates({ subject, validFrom, validTo }: X509Certificate): void {
  const now = Date.now()
  const whose = subject.replaceAll('\n', ', ')
  if (Date.parse(validTo) < now) throw new CertificateError('expired', `our certificate for ${whose} expired on ${validTo}; renew it`)
  if (Date.parse(validFrom) > now)
    throw new CertificateError('not-yet-valid', `our certificate for ${whose} is valid from ${validFrom} on; check this machine's clock`)
}
