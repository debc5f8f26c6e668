import { isIP } from 'node:net'
import { connect, createServer, type TLSSocket } from 'node:tls'
import { type Carrier, OptionError } from '@disruptorx/contracts'
import { parseHostAddress } from './host-address.ts'
import { type Assurance, SocketPipe } from './socket-pipe.ts'
import { listenTcp } from './tcp-listener.ts'
import { nodeMaterial, type TlsCredentials } from './tls-credentials.ts'
import { certificateError, tlsError } from './tls-errors.ts'
import type { Visit } from './visit.ts'

/** How TLS is used. */
export interface TlsOptions {
  /** Certificate, key and authorities. */
  readonly credentials: TlsCredentials
  /** Whether a listener wants a certificate of who connects, by one of the authorities. @default whether `credentials` has a `ca` */
  readonly mutual?: boolean
  /** Whether the certificate of who is dialled must be for the host of the address. See also the transport's `certificatesNameNodes`. @default true */
  readonly verifyHost?: boolean
}

/** Time for a TLS handshake, in milliseconds. */
const HANDSHAKE_MS = 10_000
const LABEL = 'EXPORTER-disruptorx-link-1'

/** TCP with TLS, at least 1.2, with addresses such as `tls://10.0.0.1:7000`. Mutual where there is a `ca`: then no secret is needed. */
export function tls(options: TlsOptions): Carrier {
  return {
    scheme: 'tls',
    async listen(address, terms, acceptor) {
      const server = new TlsFront(options)
      const listener = await listenTcp(address, terms, acceptor, {
        scheme: 'tls',
        isAuthenticated: server.isMutual,
        beginMs: HANDSHAKE_MS,
        begin: visit =>
          server.begin(visit, socket => visit.accept(new SocketPipe(socket, visit.remoteAddress, server.assuranceOf(socket)))),
      })
      const close = () => {
        server.close()
        return listener.close()
      }
      return { address: listener.address, close }
    },
    dial(address, _terms, opened, failed) {
      const { host, port } = parseHostAddress(address, 'tls')
      const socket = connectTls(host, port, options)
      const fail = (error: Error) => failed(tlsError(address, error))
      socket.once('error', fail)
      socket.once('secureConnect', () => {
        socket.off('error', fail)
        socket.setTimeout(0)
        // What the other end thinks of our certificate comes only now.
        opened(new SocketPipe(socket, socket.remoteAddress ?? host, assuranceOf(socket), error => tlsError(address, error)))
      })
      return () => {
        socket.removeAllListeners()
        socket.on('error', () => {})
        socket.destroy()
      }
    },
  }
}

/** Begins a TLS connection. */
function connectTls(host: string, port: number, { credentials, verifyHost = true }: TlsOptions): TLSSocket {
  const socket = connect({
    host,
    port,
    timeout: HANDSHAKE_MS,
    secureContext: credentials.context,
    ...(isIP(host) > 0 ? {} : { servername: host }),
    ...(verifyHost ? {} : { checkServerIdentity: () => undefined }),
  })
  socket.once('timeout', () => {
    if (!socket.authorized) socket.destroy(new Error(`no answer within ${HANDSHAKE_MS} ms`))
  })
  return socket
}

/** The TLS of a listener: it makes a TLS connection of each that was let in. */
export class TlsFront {
  readonly isMutual: boolean
  readonly #server: ReturnType<typeof createServer>
  /** Connections whose TLS handshake goes on, by the address at the other end, which no two of them share. */
  readonly #visits = new Map<string, { visit: Visit; begin: (socket: TLSSocket) => void }>()
  readonly #ignore: () => void

  constructor({ credentials, mutual = credentials.hasAuthority }: TlsOptions) {
    if (mutual && !credentials.hasAuthority) throw new OptionError('mutual', true, 'false, or used with credentials that have a ca')
    this.isMutual = mutual
    const contextOptions = () => ({ ...nodeMaterial(credentials.material), minVersion: 'TLSv1.2' }) as const
    const server = createServer({
      ...contextOptions(),
      requestCert: this.isMutual,
      // Whoever has no good certificate is told so by our own protocol, and by nothing else: TLS would only hang up.
      rejectUnauthorized: false,
      handshakeTimeout: HANDSHAKE_MS,
    })
    server.on('secureConnection', socket => this.#take(socket)?.begin(socket))
    server.on('tlsClientError', (error, socket) => {
      const found = this.#take(socket)
      found?.visit.fail(tlsError(found.visit.remoteAddress, error))
    })
    this.#server = server
    this.#ignore = credentials.onReload(() => server.setSecureContext(contextOptions()))
  }

  /** Makes a TLS connection of a visit, or fails it. */
  begin(visit: Visit, begin: (socket: TLSSocket) => void): void {
    const key = keyOf(visit.socket)
    this.#visits.set(key, { visit, begin })
    visit.socket.once('close', () => this.#visits.delete(key))
    this.#server.emit('connection', visit.socket)
  }

  /** What TLS has made sure of, and what is wrong with the certificate of the other end. */
  assuranceOf(socket: TLSSocket): Assurance {
    const { authorized, authorizationError } = socket
    if (!this.isMutual || authorized) return assuranceOf(socket)
    const hasCertificate = socket.getPeerX509Certificate() !== undefined
    const code = hasCertificate ? String(authorizationError) : 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE'
    return { certificateNames: undefined, binding: undefined, refusal: certificateError(socket.remoteAddress ?? 'the other end', code) }
  }

  close(): void {
    this.#ignore()
  }

  #take(socket: TLSSocket): { visit: Visit; begin: (socket: TLSSocket) => void } | undefined {
    const key = keyOf(socket)
    const found = this.#visits.get(key)
    this.#visits.delete(key)
    return found
  }
}

function keyOf(socket: { readonly remoteAddress?: string | undefined; readonly remotePort?: number | undefined }): string {
  return `${socket.remoteAddress} ${socket.remotePort}`
}

/** What TLS has made sure of. */
export function assuranceOf(socket: TLSSocket): Assurance {
  return { certificateNames: socket.authorized ? namesOf(socket) : undefined, binding: exported(socket) }
}

/** The DNS names of the other end's certificate; its common name where it has none. Names that need quoting are left out: they could pass for others. */
function namesOf(socket: TLSSocket): readonly string[] | undefined {
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) return undefined
  const alternatives = certificate.subjectAltName
  if (alternatives !== undefined) return alternatives.split(', ').flatMap(name => /^DNS:([A-Za-z0-9._*-]+)$/.exec(name)?.[1] ?? [])
  const common = certificate.subject.split('\n').flatMap(line => /^CN=([A-Za-z0-9._-]+)$/.exec(line)?.[1] ?? [])
  return common
}

/** Bytes that only the two ends of this connection know (RFC 5705): a proof made with them is worth nothing to somebody in between. */
function exported(socket: TLSSocket): Uint8Array | undefined {
  try {
    return Uint8Array.from(socket.exportKeyingMaterial(32, LABEL, Buffer.alloc(0)))
  } catch {
    return undefined
  }
}
