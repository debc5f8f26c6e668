import type { Socket } from 'node:net'
import type { Pipe, PipeAcceptor } from '@disruptorx/contracts'

/** A connection that was let in and is not a pipe yet: TLS and HTTP have their own beginnings. It becomes a pipe, or fails, once. */
export class Visit {
  readonly remoteAddress: string
  readonly socket: Socket
  readonly #acceptor: PipeAcceptor
  /** All of the listener that are not over. */
  readonly #visits: Set<Visit>
  readonly #clear: () => void
  #isOver = false
  #reason: Error | undefined

  private constructor(socket: Socket, remoteAddress: string, acceptor: PipeAcceptor, timeoutMs: number, visits: Set<Visit>) {
    this.socket = socket
    this.remoteAddress = remoteAddress
    this.#acceptor = acceptor
    this.#visits = visits.add(this)
    const timer = setTimeout(() => this.fail(new Error(`it did not say what it wants within ${timeoutMs} ms`)), timeoutMs)
    this.#clear = () => clearTimeout(timer)
    socket.once('close', () => this.#end(this.#reason ?? new Error('it ended before it said what it wants')))
    // Its owner hears of errors; until it has one, the end is all there is to know.
    socket.on('error', error => {
      this.#reason ??= error
    })
  }

  /** Lets a connection in, or ends it. @param visits has it as long as it is neither a pipe nor over */
  static begin(socket: Socket, acceptor: PipeAcceptor, timeoutMs: number, visits: Set<Visit>): Visit | undefined {
    const { remoteAddress } = socket
    if (remoteAddress !== undefined && acceptor.admits(remoteAddress)) return new Visit(socket, remoteAddress, acceptor, timeoutMs, visits)
    socket.destroy()
    return undefined
  }

  /** It is a pipe. */
  accept(pipe: Pipe): void {
    if (this.#isOver) return
    this.#over()
    this.#acceptor.accept(pipe)
  }

  /** It never will be one. */
  fail(reason: Error): void {
    this.#reason = reason
    this.socket.destroy()
    this.#end(reason)
  }

  #end(reason: Error): void {
    if (this.#isOver) return
    this.#over()
    this.#acceptor.failed(this.remoteAddress, reason)
  }

  #over(): void {
    this.#isOver = true
    this.#visits.delete(this)
    this.#clear()
  }
}
