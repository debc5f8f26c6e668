import { AbortedError, type Pipe, type Random, TimeoutError } from '@disruptorx/contracts'
import { UnreachableError } from '../errors.ts'
import type { Handshake } from '../handshake/handshake.ts'
import { PeerRefusedError } from '../handshake/refusal.ts'
import { onAbort } from '../link/signal.ts'
import type { Timekeeper } from '../time/timekeeper.ts'
import type { Timer } from '../time/timer-queue.ts'
import { BackOff, type BackOffOptions } from './back-off.ts'

/** What a dialler needs of the transport. */
export interface DialerHost {
  readonly time: Timekeeper
  /** Makes a connection. The result gives it up. @throws {DisruptorError} for an address that cannot or must not be dialled */
  connect(address: string, opened: (pipe: Pipe) => void, failed: (error: Error) => void): () => void
  /** Begins the handshake over a connection, and tells {@link Dialer.refused} if it does not make it a link. */
  shakeHands(dialer: Dialer, pipe: Pipe): Handshake
  isLinked(node: string): boolean
  /** An address could not be reached. */
  unreachable(dialer: Dialer, attempt: number, retryInMs: number, reason: Error): void
  /** The dialler was given up: it never made a link. */
  forget(dialer: Dialer): void
}

/** Time for a connection to be made, in milliseconds: more than carriers take which look at each step of it alone. */
const CONNECT_MS = 15_000

/** Somebody who waits for the first link. */
interface Caller {
  readonly resolve: (node: string) => void
  readonly reject: (error: Error) => void
  release(): void
}

/**
 * Keeps a link with whoever is at an address: dials, dials again after a while when that failed, and again when the link broke.
 *
 * `idle`: there is a link, or nothing has begun. `waiting`: for the next attempt. `busy`: connecting, or shaking hands.
 */
export class Dialer {
  readonly address: string
  /** Who has to be there; undefined for anybody. */
  readonly expected: string | undefined
  /** Who was there last. */
  peer: string | undefined
  readonly #host: DialerHost
  readonly #backOff: BackOff
  readonly #maxDelayMs: number
  readonly #callers = new Set<Caller>()
  #state: 'idle' | 'waiting' | 'busy' | 'stopped' = 'idle'
  #timer: Timer | undefined
  /** Gives up the connection that is being made. */
  #giveUp: (() => void) | undefined
  #handshake: Handshake | undefined
  #lastReason: Error | undefined
  #linkedSinceNs = 0

  constructor(host: DialerHost, address: string, expected: string | undefined, options: BackOffOptions, random: Random) {
    this.#host = host
    this.address = address
    this.expected = expected
    this.peer = expected
    this.#backOff = new BackOff(options, random)
    this.#maxDelayMs = options.maxDelayMs
  }

  /** Resolves with the peer's name when there is a link. Whoever is the last to give up waiting for the first one gives the address up. */
  linked(timeoutMs: number, signal: AbortSignal | undefined): Promise<string> {
    return new Promise((resolve, reject) => {
      let ignore = () => {}
      const timer = Number.isFinite(timeoutMs) ? this.#host.time.after(timeoutMs, () => leave(this.#timeout(timeoutMs))) : undefined
      const caller: Caller = {
        resolve,
        reject,
        release: () => {
          this.#host.time.cancel(timer)
          ignore()
        },
      }
      const leave = (error: Error) => {
        if (!this.#callers.delete(caller)) return
        caller.release()
        reject(error)
        if (this.#callers.size === 0 && this.peer === this.expected && this.#linkedSinceNs === 0) this.#abandon()
      }
      this.#callers.add(caller)
      ignore = onAbort(signal, `the dial of ${this.address}`, leave)
      if (this.#state === 'idle') this.#attempt()
    })
  }

  /** There is a link with a node: the one that is dialled, perhaps. */
  linkUp(node: string, isOwn: boolean): void {
    if (this.#state === 'stopped' || !(isOwn || node === this.peer)) return
    // A connection that is under way would be refused; a handshake is: it ends by itself.
    if (!isOwn) this.#giveUp?.()
    this.#connected()
    this.#settle(node)
  }

  /** The link with a node is gone. */
  linkDown(node: string): void {
    if (this.#state !== 'idle' || node !== this.peer) return
    const lastedMs = (this.#host.time.nowNs() - this.#linkedSinceNs) / 1e6
    if (lastedMs >= this.#maxDelayMs) this.#backOff.reset()
    this.#wait()
  }

  /** A handshake of this dialler did not make a link. */
  refused(node: string | undefined, reason: Error): void {
    if (this.#state !== 'busy') return
    this.#lastReason = reason
    const kind = reason instanceof PeerRefusedError ? reason.kind : undefined
    if (kind === 'duplicate' && node !== undefined && this.#host.isLinked(node)) this.#settle(node)
    else if (reason instanceof PeerRefusedError && !reason.isPassing && this.#linkedSinceNs === 0) this.#fail(reason)
    else this.#wait()
  }

  /** Dials no more. Whoever still waits is told why. */
  stop(reason: Error): void {
    if (this.#state === 'stopped') return
    this.#state = 'stopped'
    this.#host.time.cancel(this.#timer)
    this.#giveUp?.()
    this.#handshake?.break(reason)
    for (const caller of this.#take()) caller.reject(reason)
  }

  #attempt(): void {
    if (this.peer !== undefined && this.#host.isLinked(this.peer)) this.#settle(this.peer)
    else this.#connect()
  }

  #connect(): void {
    this.#state = 'busy'
    const opened = (pipe: Pipe) => {
      this.#connected()
      this.#handshake = this.#host.shakeHands(this, pipe)
    }
    this.#timer = this.#host.time.after(CONNECT_MS, () => this.#tooLong())
    try {
      this.#giveUp = this.#host.connect(this.address, opened, error => this.#unreachable(error))
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)))
    }
  }

  /** Whoever answers, but a byte now and then, holds no carrier's own timer up for ever. */
  #tooLong(): void {
    this.#giveUp?.()
    this.#unreachable(new UnreachableError(this.address, `there was no connection within ${CONNECT_MS} ms`))
  }

  /** There is a connection, or will be none. */
  #connected(): void {
    this.#host.time.cancel(this.#timer)
    this.#giveUp = undefined
  }

  #unreachable(reason: Error): void {
    this.#connected()
    this.#lastReason = reason
    const retryInMs = this.#wait()
    this.#host.unreachable(this, this.#backOff.failures, retryInMs, reason)
  }

  #wait(): number {
    const delayMs = this.#backOff.next()
    this.#state = 'waiting'
    this.#timer = this.#host.time.after(delayMs, () => this.#attempt())
    return delayMs
  }

  #settle(node: string): void {
    this.#state = 'idle'
    this.peer = node
    this.#linkedSinceNs = this.#host.time.nowNs()
    for (const caller of this.#take()) caller.resolve(node)
  }

  /** What stands in the way does not pass by itself. */
  #fail(reason: Error): void {
    const callers = this.#take()
    this.#abandon()
    for (const caller of callers) caller.reject(reason)
  }

  #abandon(): void {
    this.stop(new AbortedError(`the dial of ${this.address}`))
    this.#host.forget(this)
  }

  #take(): Caller[] {
    const callers = [...this.#callers]
    this.#callers.clear()
    for (const caller of callers) caller.release()
    return callers
  }

  #timeout(timeoutMs: number): TimeoutError {
    const last = this.#lastReason === undefined ? '' : ` (last: ${this.#lastReason.message})`
    return new TimeoutError(`the dial of ${this.address}${last}`, timeoutMs)
  }
}
