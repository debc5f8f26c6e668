import { createServer, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import type { Carrier, PipeAcceptor, PipeListener, PipeTerms } from '@disruptorx/contracts'
import { WebSocket, WebSocketServer } from 'ws'
import { InsecureAddressError, UnreachableError } from '../errors.ts'
import { isLoopbackHost, parseHostAddress } from './host-address.ts'
import type { Assurance } from './socket-pipe.ts'
import { describeSystemError } from './system-errors.ts'
import { listenTcp } from './tcp-listener.ts'
import { assuranceOf, TlsFront, type TlsOptions } from './tls-carrier.ts'
import { nodeMaterial } from './tls-credentials.ts'
import { tlsError } from './tls-errors.ts'
import type { Visit } from './visit.ts'
import { MESSAGE_BYTES } from './ws-limits.ts'
import { WsPipe } from './ws-pipe.ts'

/** How WebSockets are used. */
export interface WsOptions {
  /** With it the addresses are `wss://`; without it `ws://`. @default none */
  readonly tls?: TlsOptions
  /** Pages that may connect, by their origin, such as `https://app.example.com`. Browsers tell; whoever is no browser says nothing, and may. @default none */
  readonly origins?: readonly string[] | ((origin: string) => boolean)
}

/** Time from the connection to the WebSocket, in milliseconds. */
const UPGRADE_MS = 10_000

const settings = { perMessageDeflate: false, maxPayload: MESSAGE_BYTES, skipUTF8Validation: true, autoPong: false } as const

/** WebSocket, with addresses such as `ws://127.0.0.1:8080/link`. A page can connect only from an origin that is named: others could reach a listener on this machine. */
export function ws(options: WsOptions = {}): Carrier {
  const scheme = options.tls === undefined ? 'ws' : 'wss'
  return {
    scheme,
    listen: (address, terms, acceptor) => listenWs(address, scheme, options, terms, acceptor),
    dial(address, terms, opened, failed) {
      const { host } = parseHostAddress(address, scheme)
      if (options.tls === undefined && !terms.hasSecret && !isLoopbackHost(host)) throw new InsecureAddressError(address, 'dial')
      const socket = new WebSocket(address, { ...settings, handshakeTimeout: UPGRADE_MS, ...tlsSettings(options.tls) })
      let assurance: Assurance | undefined
      const fail = (error: Error) =>
        failed(options.tls === undefined ? new UnreachableError(address, describeSystemError(error), error) : tlsError(address, error))
      socket.once('error', fail)
      socket.once('upgrade', ({ socket: raw }) => {
        if (options.tls !== undefined) assurance = assuranceOf(raw as TLSSocket)
      })
      socket.once('open', () => {
        socket.off('error', fail)
        opened(new WsPipe(socket, host, assurance))
      })
      return () => {
        socket.removeAllListeners()
        socket.on('error', () => {})
        socket.terminate()
      }
    },
  }
}

function tlsSettings(tls: TlsOptions | undefined): object {
  if (tls === undefined) return {}
  const { credentials, verifyHost = true } = tls
  return { ...nodeMaterial(credentials.material), minVersion: 'TLSv1.2', ...(verifyHost ? {} : { checkServerIdentity: () => undefined }) }
}

async function listenWs(
  address: string,
  scheme: string,
  { tls, origins = [] }: WsOptions,
  terms: PipeTerms,
  acceptor: PipeAcceptor,
): Promise<PipeListener> {
  const front = tls === undefined ? undefined : new TlsFront(tls)
  const upgrades = new Upgrades(
    parseHostAddress(address, scheme).path,
    typeof origins === 'function' ? origins : origin => origins.includes(origin),
  )
  const listener = await listenTcp(address, terms, acceptor, {
    scheme,
    isAuthenticated: front?.isMutual ?? false,
    beginMs: UPGRADE_MS,
    begin(visit) {
      if (front === undefined) upgrades.begin(visit, visit.socket)
      else front.begin(visit, socket => upgrades.begin(visit, socket, front.assuranceOf(socket)))
    },
  })
  const close = () => {
    front?.close()
    return listener.close()
  }
  return { address: listener.address, close }
}

/** What HTTP makes of a connection before it is a WebSocket: it is one, of a page that may, or it is refused. */
class Upgrades {
  readonly #path: string
  readonly #mayConnect: (origin: string) => boolean
  readonly #http = createServer({ headersTimeout: UPGRADE_MS, requestTimeout: UPGRADE_MS, maxHeaderSize: 8192 })
  readonly #sockets = new WebSocketServer({ noServer: true, clientTracking: false, ...settings })
  readonly #visits = new WeakMap<Duplex, { visit: Visit; assurance: Assurance | undefined }>()

  constructor(path: string, mayConnect: (origin: string) => boolean) {
    this.#path = path
    this.#mayConnect = mayConnect
    this.#http.on('request', (_, response) => response.writeHead(426, { Connection: 'close', Upgrade: 'websocket' }).end())
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
  }

  begin(visit: Visit, socket: Duplex, assurance?: Assurance): void {
    this.#visits.set(socket, { visit, assurance })
    this.#http.emit('connection', socket)
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const found = this.#visits.get(socket)
    if (found === undefined) return void socket.destroy()
    const { visit, assurance } = found
    const refusal = this.#refusalOf(request)
    if (refusal === undefined)
      this.#sockets.handleUpgrade(request, socket, head, made => visit.accept(new WsPipe(made, visit.remoteAddress, assurance)))
    else {
      socket.end(`HTTP/1.1 ${refusal.status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
      visit.fail(new Error(refusal.why))
    }
  }

  #refusalOf({ url = '/', headers: { origin } }: IncomingMessage): { status: string; why: string } | undefined {
    if (url.split('?')[0] !== this.#path) return { status: '404 Not Found', why: 'it asked for another path' }
    if (origin === undefined || this.#mayConnect(origin)) return undefined
    return {
      status: '403 Forbidden',
      why: `pages of ${origin.slice(0, 200).replace(/[^\x20-\x7e]/g, '?')} may not connect (option origins)`,
    }
  }
}
