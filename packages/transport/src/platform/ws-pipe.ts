import type { Pipe, PipeUser } from '@disruptorx/contracts'
import type { RawData, WebSocket } from 'ws'
import { type Assurance, plain } from './socket-pipe.ts'
import { inPieces } from './ws-limits.ts'

const binary = { binary: true, compress: false } as const
/** Bytes that wait to be written beyond which pings of WebSocket are not answered: who only pings and reads nothing shall not fill the memory. */
const MOST_BESIDE_PONG_BYTES = 64 * 1024

/** A WebSocket of the package `ws` as a pipe. */
export class WsPipe implements Pipe {
  readonly remoteAddress: string
  readonly certificateNames: readonly string[] | undefined
  /** None: what ends TLS need not be what ends the link. */
  readonly binding = undefined
  readonly refusal: Error | undefined
  readonly #socket: WebSocket
  #error: Error | undefined
  #user: PipeUser | undefined
  readonly #onWritten = (error?: Error | null) => {
    // After an error comes the end.
    if (error === undefined || error === null) this.#user?.written()
  }

  constructor(socket: WebSocket, remoteAddress: string, assurance?: Assurance) {
    this.#socket = socket
    this.remoteAddress = remoteAddress
    this.certificateNames = assurance?.certificateNames
    this.refusal = assurance?.refusal
  }

  open(user: PipeUser): void {
    this.#user = user
    const socket = this.#socket
    socket.on('error', error => {
      this.#error = error
    })
    socket.on('close', code =>
      user.closed(this.#error ?? (code === 1000 ? undefined : new Error(`the WebSocket was closed with code ${code}`))),
    )
    socket.on('ping', data => {
      if (socket.bufferedAmount <= MOST_BESIDE_PONG_BYTES) socket.pong(data, undefined, ignore)
    })
    socket.on('message', (data: RawData, isBinary: boolean) => {
      if (!isBinary || !(data instanceof Uint8Array)) this.#break('a text came, where only bytes are expected')
      else if (data.length > 0) user.received(plain(data))
    })
  }

  write(bytes: Uint8Array): void {
    inPieces(bytes, (piece, isLast) => this.#socket.send(piece, binary, isLast ? this.#onWritten : ignore))
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  end(): void {
    this.#socket.close(1000)
  }

  destroy(): void {
    this.#socket.terminate()
  }

  #break(why: string): void {
    this.#error = new Error(why)
    this.#socket.terminate()
  }
}

function ignore(): void {}
