import { type Carrier, OptionError, type Pipe, type PipeUser } from '@disruptorx/contracts'
import { InsecureAddressError, ListenError, UnreachableError } from '../errors.ts'
import { inPieces } from './ws-limits.ts'

/** How often to look whether a browser has sent what it was given: it does not tell. In milliseconds. */
const LOOK_MS = 2
/** Bytes in the browser's own queue up to which the next write may follow at once. */
const LOW_WATER_BYTES = 256 * 1024
/** Bytes that may come while nobody reads: a browser's WebSocket cannot stop the other end. */
const MOST_HELD_BYTES = 16 * 1024 * 1024
/** What keeping a message takes beside its bytes, about. */
const MESSAGE_COST_BYTES = 256

/**
 * WebSocket as every browser has it, and Node from version 22 on: dials `ws://` and `wss://` addresses, such as those that `@disruptorx/transport/ws` listens at.
 *
 * @example
 * const transport = createTransport({ node: 'page-1', cluster: 'demo', carriers: [webSocket()] })
 * await transport.dial('ws://127.0.0.1:8080/')
 */
export function webSocket(options: { readonly scheme?: 'ws' | 'wss' } = {}): Carrier {
  const scheme = options.scheme ?? 'ws'
  return {
    scheme,
    listen: async address => {
      throw new ListenError(address, 'a browser cannot listen; dial from here')
    },
    dial(address, terms, opened, failed) {
      const url = urlOf(address, scheme)
      if (scheme === 'ws' && !terms.hasSecret && !isLoopback(url.hostname)) throw new InsecureAddressError(address, 'dial')
      const socket = new WebSocket(url)
      socket.binaryType = 'arraybuffer'
      socket.onopen = () => opened(new WebSocketPipe(socket, url.hostname))
      socket.onerror = socket.onclose = () => {
        socket.onclose = socket.onerror = null
        failed(new UnreachableError(address, 'the connection was not made: browsers do not say why'))
      }
      return () => {
        socket.onopen = socket.onclose = socket.onerror = null
        socket.close()
      }
    },
  }
}

/** A browser's WebSocket as a pipe: one write is one message, and cuts between messages mean nothing. */
class WebSocketPipe implements Pipe {
  readonly remoteAddress: string
  readonly certificateNames = undefined
  readonly binding = undefined
  readonly #socket: WebSocket
  #user: PipeUser | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #isPaused = false
  #isHandingOver = false
  /** What came while nobody read. */
  #held: Uint8Array[] = []
  #heldBytes = 0

  constructor(socket: WebSocket, host: string) {
    this.#socket = socket
    this.remoteAddress = host
  }

  open(user: PipeUser): void {
    this.#user = user
    this.#socket.onerror = null
    this.#socket.onmessage = ({ data }) => this.#received(data)
    this.#socket.onclose = ({ wasClean, code }) =>
      this.#closed(wasClean ? undefined : new Error(`the WebSocket was closed with code ${code}`))
  }

  write(bytes: Uint8Array): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return
    // The browser copies.
    inPieces(bytes, piece => this.#socket.send(piece as Uint8Array<ArrayBuffer>))
    this.#look()
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    if (this.#isHandingOver) return
    this.#isHandingOver = true
    const held = this.#held
    let next = 0
    // Whoever is told of the first may not want the next.
    for (; next < held.length && !this.#isPaused; next++) {
      const bytes = held[next] as Uint8Array
      this.#heldBytes -= costOf(bytes)
      this.#user?.received(bytes)
    }
    this.#held = held.slice(next)
    this.#isHandingOver = false
  }

  end(): void {
    this.#socket.close(1000)
  }

  destroy(): void {
    clearTimeout(this.#timer)
    this.#socket.onmessage = this.#socket.onclose = null
    this.#socket.close()
  }

  #look(): void {
    const isLow = this.#socket.bufferedAmount <= LOW_WATER_BYTES
    if (isLow) queueMicrotask(() => this.#user?.written())
    else this.#timer = setTimeout(() => this.#look(), LOOK_MS)
  }

  #received(data: unknown): void {
    if (!(data instanceof ArrayBuffer)) this.#break('a text came, where only bytes are expected')
    else if (this.#isPaused) this.#hold(new Uint8Array(data))
    else if (data.byteLength > 0) this.#user?.received(new Uint8Array(data))
  }

  #hold(bytes: Uint8Array): void {
    this.#held.push(bytes)
    this.#heldBytes += costOf(bytes)
    if (this.#heldBytes > MOST_HELD_BYTES) this.#break(`more than ${MOST_HELD_BYTES} bytes came while the link was paused`)
  }

  #break(why: string): void {
    this.destroy()
    this.#closed(new Error(why))
  }

  #closed(error: Error | undefined): void {
    clearTimeout(this.#timer)
    this.#user?.closed(error)
  }
}

/** Many small messages take more memory than their bytes. */
function costOf(bytes: Uint8Array): number {
  return bytes.length + MESSAGE_COST_BYTES
}

function urlOf(address: string, scheme: string): URL {
  if (URL.canParse(address) && address.startsWith(`${scheme}://`)) return new URL(address)
  throw new OptionError('address', address, `${scheme}://host:port/path`)
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || /^127(\.\d+){3}$/.test(host) || host === '[::1]'
}
