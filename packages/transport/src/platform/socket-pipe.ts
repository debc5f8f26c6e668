import type { Socket } from 'node:net'
import type { Pipe, PipeUser } from '@disruptorx/contracts'

/** What TLS has made sure of about the other end. */
export interface Assurance {
  readonly certificateNames: readonly string[] | undefined
  readonly binding: Uint8Array | undefined
  /** Why it may not come in. @default it may */
  readonly refusal?: Error
}

/** A socket of Node as a pipe: TCP, TLS or Unix. */
export class SocketPipe implements Pipe {
  readonly remoteAddress: string
  readonly certificateNames: readonly string[] | undefined
  readonly binding: Uint8Array | undefined
  readonly refusal: Error | undefined
  readonly #socket: Socket
  #user: PipeUser | undefined
  #error: Error | undefined
  readonly #explain: (error: Error) => Error
  readonly #onWritten = (error?: Error | null) => {
    // After an error comes the end.
    if (error === undefined || error === null) this.#user?.written()
  }

  /** @param explain says what an error of the socket means */
  constructor(socket: Socket, remoteAddress: string, assurance?: Assurance, explain = (error: Error) => error) {
    this.#socket = socket
    this.#explain = explain
    this.remoteAddress = remoteAddress
    this.certificateNames = assurance?.certificateNames
    this.binding = assurance?.binding
    this.refusal = assurance?.refusal
    socket.setNoDelay(true)
  }

  open(user: PipeUser): void {
    this.#user = user
    this.#socket.on('error', error => {
      this.#error = error
    })
    this.#socket.on('close', () => user.closed(this.#error && this.#explain(this.#error)))
    this.#socket.on('data', bytes => user.received(plain(bytes)))
  }

  write(bytes: Uint8Array): void {
    this.#socket.write(bytes, this.#onWritten)
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  end(): void {
    this.#socket.end()
  }

  destroy(): void {
    this.#socket.destroy()
  }
}

/** The bytes of a Buffer without what makes it one: its `slice` does not copy, and one kind of array is faster than two. */
export function plain({ buffer, byteOffset, length }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length)
}
